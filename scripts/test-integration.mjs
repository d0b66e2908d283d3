// `npm run test:integration [-- options] [pattern...]`: every *.integration.spec.ts on real parts, which it brings up and takes down.
//   --may-miss kafka,mongo,eventstoredb   what needs these may stay unrun when they cannot be had
//   --source environment|container|native takes parts from there only
// Each part is taken from its variable when that is set, from an image where Docker's engine answers, and runs natively otherwise.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { inModules, integrationReport, root } from './launcher/paths.mjs';
import { findSpecs, needsOf } from './parts/needs-of-specs.mjs';
import { bringUp, describe, partNames, partVariables } from './parts/parts.mjs';
import { printCount } from './test-count.mjs';

const SOURCES = ['environment', 'container', 'native'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'may-miss': { type: 'string', default: '' }, source: { type: 'string', default: SOURCES.join(',') } },
});
const mayMiss = listed('may-miss', partNames);
const sources = listed('source', SOURCES);

let jest;
let stoppedBy;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stoppedBy ??= signal;
    jest?.kill(signal);
  });
}

process.exitCode = await runAll();

async function runAll() {
  mkdirSync(dirname(integrationReport), { recursive: true });
  rmSync(integrationReport, { force: true });
  const specs = findSpecs().filter((spec) => positionals.length === 0 || positionals.some((pattern) => spec.includes(pattern)));
  if (specs.length === 0) {
    console.error(`No *.integration.spec.ts has ${positionals.join(' or ')} in its path.`);
    return 1;
  }
  const needs = new Map(specs.map((spec) => [spec, needsOf(spec)]));
  const wanted = partNames.filter((name) => [...needs.values()].some((names) => names.includes(name)));
  const { started, missing, close } = await bringUp({ parts: wanted, sources });
  try {
    for (const part of Object.values(started)) console.log(describe(part));
    for (const [name, reason] of Object.entries(missing)) console.log(`${name}: MISSING: ${reason}`);
    const unrun = specs.filter((spec) => needs.get(spec).some((name) => name in missing));
    const chosen = specs.filter((spec) => !unrun.includes(spec));
    const failed = chosen.length > 0 && stoppedBy === undefined ? await runJest(chosen, started) : 0;
    return conclude({ unrun, needs, missing, failed });
  } finally {
    await close();
  }
}

async function runJest(specs, started) {
  const addresses = Object.values(started).map((part) => [partVariables[part.name], part.address]);
  const argv = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    inModules('jest/bin/jest.js'),
    '--config=jest.integration.config.mjs',
    '--json',
    `--outputFile=${integrationReport}`,
    '--runTestsByPath',
    ...specs,
  ];
  jest = spawn(process.execPath, argv, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...Object.fromEntries(addresses) },
  });
  return new Promise((resolve) => jest.once('exit', (code) => resolve(code ?? 1)));
}

function conclude({ unrun, needs, missing, failed }) {
  for (const spec of unrun) {
    const lacks = needs.get(spec).filter((name) => name in missing);
    console.log(`NOT RUN: ${spec}: ${lacks.join(' and ')} ${lacks.length === 1 ? 'is' : 'are'} missing`);
  }
  const refused = Object.keys(missing).filter((name) => !mayMiss.includes(name));
  for (const name of refused) console.error(`${name} is missing; "--may-miss ${name}" lets what needs it stay unrun.`);
  if (stoppedBy !== undefined) console.error(`stopped by ${stoppedBy}`);
  printCount([integrationReport], unrun.length);
  return failed !== 0 || refused.length > 0 || stoppedBy !== undefined ? 1 : 0;
}

function listed(option, known) {
  const names = values[option].split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  console.error(`--${option} has no ${unknown.join(', ')}. Known: ${known.join(', ')}.`);
  process.exit(2);
}
