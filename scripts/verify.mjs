// Everything CI runs, in one command: `npm run verify`. Runs every stage even when one fails, so that one run shows all there is to fix;
// only the tests wait for a build that works. Arguments name stages: `npm run verify -- lint test`.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { inModules, jestReport, root } from './launcher/paths.mjs';

const scanned = ['libs', 'services', 'test'];

const stages = [
  { name: 'lockfile', argv: ['scripts/complete-lockfile.mjs', '--check'] },
  { name: 'format', argv: [inModules('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  { name: 'generated', argv: ['scripts/generate.mjs', '--check'] },
  { name: 'typecheck', argv: [inModules('typescript/bin/tsc'), '--noEmit'] },
  { name: 'typecheck-page', argv: [inModules('typescript/bin/tsc'), '--noEmit', '-p', 'services/dashboard/tsconfig.json'] },
  { name: 'lint', argv: [inModules('eslint/bin/eslint.js'), '--max-warnings=0', '.'] },
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

let running;
let stoppedBy;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stoppedBy = signal;
    running?.kill(signal);
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
  for (const stage of chosen) {
    if (stoppedBy !== undefined) return 1;
    if (failed.includes(stage.needs)) console.log(`\n▸ ${stage.name}: not run, because ${stage.needs} failed`);
    if (failed.includes(stage.needs) || !(await passes(stage))) failed.push(stage.name);
  }
  if (stoppedBy !== undefined) return 1;
  const seconds = secondsSince(startedAt);
  if (failed.length === 0) console.log(`verify: all ${chosen.length} stages passed in ${seconds} s`);
  else console.log(`verify: ${failed.length} of ${chosen.length} stages failed (${failed.join(', ')}) in ${seconds} s`);
  return failed.length === 0 ? 0 : 1;
}

async function passes(stage) {
  if (stage.name === 'test') {
    rmSync(jestReport, { force: true });
    mkdirSync(dirname(jestReport), { recursive: true });
  }
  console.log(`\n▸ ${stage.name}`);
  const startedAt = performance.now();
  running = spawn(process.execPath, stage.argv, { cwd: root, stdio: 'inherit' });
  const exitCode = await new Promise((resolve) => running.once('exit', resolve));
  running = undefined;
  console.log(`${exitCode === 0 ? '✓' : '✗'} ${stage.name} (${secondsSince(startedAt)} s)`);
  return exitCode === 0;
}

function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
