import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** Runs `npm ci` when node_modules does not hold what package-lock.json names; gives its exit code. */
export async function installIfStale(supervisor) {
  const reason = staleReason();
  if (reason === undefined) return 0;
  console.log(`installing dependencies from package-lock.json (${reason}) ...`);
  const npmArgs = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  if (npm !== undefined && npm.endsWith('.js')) return supervisor.run(process.execPath, [npm, ...npmArgs]);
  return supervisor.run(process.platform === 'win32' ? 'npm.cmd' : 'npm', npmArgs, { shell: process.platform === 'win32' });
}

/** Compares what npm installed (its hidden lockfile) with package-lock.json, by content: a checkout changes times. */
export function staleReason(directory = root) {
  const hidden = join(directory, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return existsSync(join(directory, 'node_modules')) ? 'node_modules is incomplete' : 'node_modules is missing';
  const installed = packagesIn(hidden);
  const outdated = Object.entries(packagesIn(join(directory, 'package-lock.json')))
    .filter(([path]) => path !== '')
    .filter(([path, wanted]) => !matches(wanted, installed[path]))
    .map(([path]) => path.replace(/^node_modules\//, ''));
  if (outdated.length === 0) return undefined;
  return `${outdated[0]} ${outdated.length === 1 ? 'is' : `and ${outdated.length - 1} more are`} not as locked`;
}

function matches(wanted, installed) {
  if (installed === undefined) return wanted.optional === true;
  return installed.version === wanted.version && installed.integrity === wanted.integrity;
}

function packagesIn(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}
