// `npm run test:integration [-- options] [pattern...]`: every *.integration.spec.ts on real parts, which it brings up and takes down.
//   --may-miss kafka,mongo,eventstoredb   what needs these may stay unrun when they cannot be had
//   --source environment|container|native takes parts from there only
//   --without-long                        leaves out *.long.integration.spec.ts, which take minutes each, and lists them
//   --limit <seconds>                     for the specs, 1800 when not said; what has not run by then is listed, and the command fails
// Specs that run containers need Docker's engine and the images of deploy/stand-ins; they are listed where these are not there.
// Each part is taken from its variable when that is set, from an image where Docker's engine answers, and runs natively otherwise.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { inModules, integrationReport, root } from './launcher/paths.mjs';
import { findSpecs, needsContainers, needsOf } from './parts/needs-of-specs.mjs';
import { whyNoStandIns } from './parts/stand-ins.mjs';
import { bringUp, describe, partNames, partVariables } from './parts/parts.mjs';
import { printCount, readReport } from './test-count.mjs';

const SOURCES = ['environment', 'container', 'native'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'may-miss': { type: 'string', default: '' },
    source: { type: 'string', default: SOURCES.join(',') },
    'without-long': { type: 'boolean', default: false },
    limit: { type: 'string', default: '1800' },
  },
});
const mayMiss = listed('may-miss', partNames);
const sources = listed('source', SOURCES);

const limitMs = Number(values.limit) * 1000;
if (!(limitMs > 0)) {
  console.error(`--limit ${values.limit} is no number of seconds.`);
  process.exit(2);
}

const LONG = '.long.integration.spec.ts';
const END_LIMIT_MS = 10_000;
let jest;
let stoppedBy;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal));

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
  const inContainers = specs.filter((spec) => !isLeftOut(spec) && needsContainers(spec));
  const noContainers = inContainers.length > 0 ? whyNoStandIns() : undefined;
  const unable = noContainers === undefined ? [] : inContainers;
  const running = specs.filter((spec) => !isLeftOut(spec) && !unable.includes(spec));
  const wanted = partNames.filter((name) => running.some((spec) => needs.get(spec).includes(name)));
  const { started, missing, guard, close } = await bringUp({ parts: wanted, sources });
  try {
    for (const part of Object.values(started)) console.log(describe(part));
    for (const [name, reason] of Object.entries(missing)) console.log(`${name}: MISSING: ${reason}`);
    const chosen = running.filter((spec) => needs.get(spec).every((name) => name in started));
    const failed = chosen.length > 0 && stoppedBy === undefined && (await runJest(chosen, { started, guard })) !== 0;
    return conclude({ specs, needs, missing, failed, unable, noContainers });
  } finally {
    await close();
  }
}

function isLeftOut(spec) {
  return values['without-long'] && spec.endsWith(LONG);
}

async function runJest(specs, { started, guard }) {
  const addresses = Object.values(started).map((part) => [partVariables[part.name], part.address]);
  const argv = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    inModules('jest/bin/jest.js'),
    '--config=jest.integration.config.mjs',
    '--runTestsByPath',
    ...specs,
  ];
  const env = { ...process.env, ...Object.fromEntries(addresses) };
  // A group of its own, so that its workers end with it.
  jest = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env, detached: true });
  guard.watch(jest.pid);
  const late = setTimeout(() => stop(`the limit of ${values.limit} s`), limitMs);
  const code = await new Promise((resolve) => jest.once('exit', (exitCode) => resolve(exitCode ?? 1)));
  clearTimeout(late);
  guard.release(jest.pid);
  return code;
}

function stop(reason) {
  stoppedBy ??= reason;
  if (jest === undefined || jest.exitCode !== null || jest.signalCode !== null) return;
  signalJest('SIGTERM');
  setTimeout(() => signalJest('SIGKILL'), END_LIMIT_MS).unref();
}

function signalJest(signal) {
  try {
    process.kill(-jest.pid, signal);
  } catch {
    // It has ended.
  }
}

function conclude({ specs, needs, missing, failed, unable, noContainers }) {
  const { done = [] } = readReport(integrationReport);
  for (const spec of specs.filter(isLeftOut)) console.log(`NOT RUN: ${spec}: takes minutes; "npm run test:integration" runs it`);
  const unrun = specs.filter((spec) => !isLeftOut(spec) && !done.includes(join(root, spec)));
  for (const spec of unrun) {
    const lacks = needs.get(spec).filter((name) => name in missing);
    const others = lacks.length > 0 ? `missing: ${lacks.join(', ')}` : `stopped by ${stoppedBy ?? 'a failure of jest'}`;
    console.log(`NOT RUN: ${spec}: ${unable.includes(spec) ? noContainers : others}`);
  }
  const refused = Object.keys(missing).filter((name) => !mayMiss.includes(name));
  for (const name of refused) console.error(`${name} is missing; "--may-miss ${name}" lets what needs it stay unrun.`);
  if (stoppedBy !== undefined) console.error(`stopped by ${stoppedBy}`);
  printCount([integrationReport], unrun.length);
  return failed || refused.length > 0 || stoppedBy !== undefined ? 1 : 0;
}

function listed(option, known) {
  const names = values[option].split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  console.error(`--${option} has no ${unknown.join(', ')}. Known: ${known.join(', ')}.`);
  process.exit(2);
}
