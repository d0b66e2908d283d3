// The door of every npm script: `node scripts/run.mjs <command> [args]`.
// Runs on any Node from 20.11 with no dependency installed: it installs what package-lock.json says when node_modules does not
// hold it, then runs the command with the Node that the lockfile pins, forwards signals to it, and ends with its exit code.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from './launcher/commands.mjs';
import { installIfStale } from './launcher/install.mjs';
import { root } from './launcher/paths.mjs';
import { findNode } from './launcher/pinned-node.mjs';
import { Supervisor } from './launcher/supervisor.mjs';

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`Unknown command "${name ?? ''}". Known: ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}

const supervisor = new Supervisor();
process.exitCode = await runAll();
supervisor.close();

async function runAll() {
  const installed = await installIfStale(supervisor);
  if (installed !== 0) return installed;
  const node = findNode();
  if (node.problem !== undefined) {
    console.error(node.problem);
    return 1;
  }
  for (const step of command(args)) {
    const missing = step.requires?.find((file) => !existsSync(join(root, file)));
    if (missing !== undefined) {
      console.error(`${missing} does not exist, so "npm run ${name}" cannot go on.`);
      return 1;
    }
    const exitCode = await supervisor.run(node.path, step.argv, step);
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}
