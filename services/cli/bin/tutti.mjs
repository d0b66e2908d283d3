#!/usr/bin/env node
// Starts the built program under a Node that it can run on. Plain JavaScript for Node 20 and newer.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LEAST_NODE = 24;
const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, '..', 'dist', 'main.js');
const isRerun = process.env.TUTTI_RERUN === '1';
// The system takes every variable of this prefix for a setting, and inherits what stands here.
delete process.env.TUTTI_RERUN;

if (Number(process.versions.node.split('.')[0]) < LEAST_NODE) reRun(pinnedNode());
else {
  if (isRerun) stopWithStarter();
  if (!existsSync(main)) build();
  await import(pathToFileURL(main).href);
}

function reRun(node) {
  if (node === null || isRerun) {
    fail(
      `Tutti needs Node ${LEAST_NODE} or newer, this is ${process.versions.node}; install one from https://nodejs.org, or run npm install with optional dependencies, which brings its own for Linux, macOS and Windows`,
    );
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, TUTTI_RERUN: '1' },
  });
  // The child decides when it ends; it takes signals that arrive both from the terminal and from here as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** The one that ran this again may be killed without a word; the end of its channel then counts as a signal. */
function stopWithStarter() {
  const stop = () => process.kill(process.pid, 'SIGTERM');
  if (process.connected === false) stop();
  else process.on('disconnect', stop);
}

/** The Node that the workspace pins for this platform, in the nearest node_modules upward; null when there is none. */
function pinnedNode() {
  const exe = process.platform === 'win32' ? 'node.exe' : 'node';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  for (const folder of upward(here)) {
    const modules = join(folder, 'node_modules');
    for (const path of [join(modules, `node-${platform}-${process.arch}`, 'bin', exe), join(modules, '.bin', exe)]) {
      if (existsSync(path)) return path;
    }
  }
  return null;
}

function build() {
  const script = upward(here)
    .map((folder) => join(folder, 'scripts', 'build.mjs'))
    .find((path) => existsSync(path));
  if (script === undefined) fail(`${main} is not there, and no scripts/build.mjs to build it with`);
  console.error('tutti: not built yet; building (this happens once) …');
  // Standard output is for results alone.
  const { status, error } = spawnSync(process.execPath, [script], { cwd: dirname(dirname(script)), stdio: ['ignore', 2, 2] });
  if (error !== undefined || status !== 0) fail(`the build failed: ${error?.message ?? `exit code ${status}`}`);
}

function upward(folder) {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upward(parent)];
}

function fail(message) {
  console.error(`tutti: ${message}`);
  process.exit(1);
}
