// Kafka, a Mongo-compatible server and EventStoreDB's protocol on this machine, without containers: `npm run parts -- up|down|status`.
//   up [--only kafka,mongo,eventstoredb] [--data <folder>]   brings them up and says where they are; --data keeps their data
//   down                                                     takes them down, by id
//   status                                                   asks each whether it answers
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inModules } from './launcher/paths.mjs';
import { answers } from './parts/answers.mjs';
import { describe, partNames, partVariables } from './parts/parts.mjs';
import { startOf } from './parts/process-start.mjs';

const UP_LIMIT_MS = 480_000;
const DOWN_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 100;
const stateFile = inModules('.cache/tutti/parts/state.json');
const logFile = inModules('.cache/tutti/parts/keeper.log');
const keeper = fileURLToPath(new URL('./parts/keeper.mjs', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, data: { type: 'string' } },
});
const verbs = { up, down, status };
const verb = verbs[positionals[0]];
if (verb === undefined || positionals.length > 1) {
  console.error('usage: npm run parts -- up [--only kafka,mongo,eventstoredb] [--data <folder>] | down | status');
  process.exit(2);
}
process.exitCode = await verb();

async function up() {
  const parts = values.only?.split(',') ?? partNames;
  const unknown = parts.filter((name) => !partNames.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no part ${unknown.join(', ')}. Known: ${partNames.join(', ')}.`);
    return 2;
  }
  if (read() !== undefined) {
    console.log('they are up already:');
    return status();
  }
  mkdirSync(dirname(stateFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const request = JSON.stringify({ parts, stateFile, ...(values.data === undefined ? {} : { data: resolve(values.data) }) });
  const child = spawn(process.execPath, [keeper, request], { detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const outcome = await new Promise((settle) => {
    child.once('message', settle);
    child.once('exit', (code) => settle({ problem: `ended with ${code}: ${readFileSync(logFile, 'utf8').trim()}` }));
    setTimeout(() => settle({ problem: `not up within ${UP_LIMIT_MS / 1000} s` }), UP_LIMIT_MS).unref();
  });
  if (outcome.problem !== undefined) {
    child.kill('SIGTERM');
    console.error(outcome.problem);
    return 1;
  }
  child.disconnect();
  child.unref();
  const state = read();
  for (const part of Object.values(state.parts)) console.log(describe(part));
  console.log('\nFor tests on them:');
  for (const part of Object.values(state.parts)) console.log(`export ${partVariables[part.name]}='${part.address}'`);
  return 0;
}

async function down() {
  const state = read();
  if (state === undefined) {
    console.log('no parts are up');
    return 0;
  }
  process.kill(state.keeper, 'SIGTERM');
  const deadline = performance.now() + DOWN_LIMIT_MS;
  while (startOf(state.keeper) === state.keeperStart) {
    if (performance.now() > deadline) {
      console.error(`The keeper of the parts (process ${state.keeper}) did not end within ${DOWN_LIMIT_MS / 1000} s.`);
      return 1;
    }
    await new Promise((settle) => setTimeout(settle, LOOK_EVERY_MS));
  }
  console.log(`down: ${Object.keys(state.parts).join(', ')}`);
  return 0;
}

async function status() {
  const state = read();
  if (state === undefined) {
    console.log('no parts are up');
    return 1;
  }
  let silent = 0;
  for (const part of Object.values(state.parts)) {
    const answer = await answers[part.name](part.address).then(
      () => 'answers',
      (error) => `DOES NOT ANSWER (${error.message})`,
    );
    if (answer !== 'answers') silent += 1;
    console.log(`${describe(part)}, process ${part.pid}: ${answer}`);
  }
  return silent === 0 ? 0 : 1;
}

/** What is up; undefined when nothing is, also when its keeper is gone. */
function read() {
  try {
    const state = JSON.parse(readFileSync(stateFile, 'utf8'));
    if (startOf(state.keeper) === state.keeperStart) return state;
    rmSync(stateFile, { force: true });
  } catch {
    // None was written, or not whole.
  }
  return undefined;
}
