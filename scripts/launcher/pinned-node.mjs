import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inModules } from './paths.mjs';

const LOWEST_MAJOR = 24;

/** The Node that package-lock.json pins for this platform, else the user's own when it is new enough: `{ path }` or `{ problem }`. */
export function findNode() {
  const pinned = pinnedNode();
  if (pinned !== undefined) return { path: pinned };
  if (majorOf(process.version) >= LOWEST_MAJOR) return { path: process.execPath };
  return {
    problem:
      `Tutti needs Node ${LOWEST_MAJOR} or newer and found ${process.version} (${process.execPath}). ` +
      `There is no pinned Node for ${process.platform}-${process.arch} in node_modules. ` +
      `Install Node ${LOWEST_MAJOR} from https://nodejs.org and run the command again.`,
  };
}

function pinnedNode() {
  const directory = inModules(`node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`);
  try {
    const { bin } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
    const path = `${directory}/${typeof bin === 'string' ? bin : bin.node}`;
    // A binary may be there and not run (another libc), so it is asked.
    return spawnSync(path, ['--version']).status === 0 ? path : undefined;
  } catch {
    return undefined;
  }
}

function majorOf(version) {
  return Number(version.slice(1).split('.')[0]);
}
