// Holds the parts of `npm run parts -- up` until it is told to end: `node keeper.mjs <request as JSON>`. It says to its parent when they answer.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startParts } from './parts.mjs';
import { startOf } from './process-start.mjs';

const { parts, stateFile, data } = JSON.parse(process.argv[2]);
const folders = data === undefined ? {} : Object.fromEntries(parts.map((name) => [name, join(data, name)]));

const told = new Promise((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, resolve);
  // Whoever asked is gone before it had its answer.
  process.once('disconnect', () => {
    if (!ready) resolve();
  });
});
let ready = false;

const starting = startParts({ parts, folders });
const started = await Promise.race([starting, told.then(() => undefined)]).catch((error) => error);
if (started === undefined || started instanceof Error) {
  if (started instanceof Error) process.send?.({ problem: started.message });
  // The guard ends what has been started meanwhile.
  process.exit(1);
}

const { close, ...byName } = started;
const lines = Object.values(byName).map(({ name, source, title, address, answered, pid, log }) => ({
  name,
  source,
  title,
  address,
  answered,
  pid,
  log,
}));
writeFileSync(
  stateFile,
  `${JSON.stringify({ keeper: process.pid, keeperStart: startOf(process.pid), parts: Object.fromEntries(lines.map((line) => [line.name, line])) }, null, 2)}\n`,
);
ready = true;
process.send?.({ ready: true });

await told;
rmSync(stateFile, { force: true });
await close();
process.exit(0);
