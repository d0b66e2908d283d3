// Everything CI runs, in one command: `npm run verify`. Runs every stage even when one fails, so that one run shows all there is to fix;
// only the tests wait for a build that works. Stages before them run two at a time, each printing what it has to say when it ends.
// Arguments name stages: `npm run verify -- lint test`.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { inModules, jestReport, root } from './launcher/paths.mjs';

const scanned = ['libs', 'services', 'test'];
const AT_ONCE = 2;

// The longest come first, so that the others pass beside them.
const stages = [
  { name: 'lint', argv: [inModules('eslint/bin/eslint.js'), '--max-warnings=0', '.'] },
  { name: 'lockfile', argv: ['scripts/complete-lockfile.mjs', '--check'] },
  { name: 'format', argv: [inModules('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  { name: 'generated', argv: ['scripts/generate.mjs', '--check'] },
  { name: 'typecheck', argv: [inModules('typescript/bin/tsc'), '--noEmit'] },
  { name: 'typecheck-page', argv: [inModules('typescript/bin/tsc'), '--noEmit', '-p', 'services/dashboard/tsconfig.json'] },
  {
    name: 'dependencies',
    argv: [inModules('dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.mjs', ...scanned],
  },
  { name: 'dead-code', argv: [inModules('knip/bin/knip.js'), '--no-progress', '--no-config-hints'] },
  { name: 'build', argv: ['scripts/build.mjs'] },
  {
    name: 'test',
    needs: 'build',
    argv: [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      inModules('jest/bin/jest.js'),
      '--json',
      `--outputFile=${jestReport}`,
    ],
  },
];

const running = new Set();
let stoppedBy;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stoppedBy = signal;
    for (const child of running) child.kill(signal);
  });
}

process.exitCode = await verify(process.argv.slice(2));

async function verify(names) {
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    console.error(`No stage named ${unknown.join(', ')}. Known: ${stages.map((stage) => stage.name).join(', ')}.`);
    return 2;
  }
  const startedAt = performance.now();
  const chosen = stages.filter((stage) => names.length === 0 || names.includes(stage.name));
  const failed = [];
  const run = async (stage, stdio) => {
    if (stoppedBy === undefined && !(await passes(stage, stdio))) failed.push(stage.name);
  };
  const waiting = chosen.filter(({ needs }) => needs === undefined);
  const lane = async () => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) await run(stage, 'pipe');
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  for (const stage of chosen.filter(({ needs }) => needs !== undefined)) {
    if (!failed.includes(stage.needs)) await run(stage, 'inherit');
    else {
      console.log(`\n▸ ${stage.name}: not run, because ${stage.needs} failed`);
      failed.push(stage.name);
    }
  }
  if (stoppedBy !== undefined) return 1;
  const seconds = secondsSince(startedAt);
  if (failed.length === 0) console.log(`verify: all ${chosen.length} stages passed in ${seconds} s`);
  else console.log(`verify: ${failed.length} of ${chosen.length} stages failed (${failed.join(', ')}) in ${seconds} s`);
  return failed.length === 0 ? 0 : 1;
}

/** @param stdio `inherit` for one that runs alone, `pipe` to print what it says in one piece */
async function passes(stage, stdio) {
  if (stage.name === 'test') {
    rmSync(jestReport, { force: true });
    mkdirSync(dirname(jestReport), { recursive: true });
  }
  if (stdio === 'inherit') console.log(`\n▸ ${stage.name}`);
  const startedAt = performance.now();
  const child = spawn(process.execPath, stage.argv, { cwd: root, stdio: ['inherit', stdio, stdio] });
  running.add(child);
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk));
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  running.delete(child);
  if (stdio === 'pipe') process.stdout.write(`\n▸ ${stage.name}\n${Buffer.concat(said)}`);
  console.log(`${exitCode === 0 ? '✓' : '✗'} ${stage.name} (${secondsSince(startedAt)} s)`);
  return exitCode === 0;
}

function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
