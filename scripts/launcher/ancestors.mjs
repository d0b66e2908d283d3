import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MAX_DEPTH = 6;

/**
 * The processes between this one and the npm that was asked to start it (npm exec puts a shell and nx between), nearest first, each with
 * the parent it had. Without npm, the direct parent alone.
 */
export function lineage() {
  const chain = [];
  let pid = process.pid;
  while (chain.length < MAX_DEPTH) {
    const parent = describe(pid)?.parent;
    if (parent === undefined || parent <= 1) break;
    chain.push({ pid, parent });
    if (isNpm(parent)) return chain;
    pid = parent;
  }
  return chain.slice(0, 1);
}

/** Whether a process of the lineage has lost the parent it had: whoever started us is gone. */
export function isBroken(chain) {
  return chain.some(({ pid, parent }) => (pid === process.pid ? process.ppid !== parent : !stillHolds(pid, parent)));
}

function stillHolds(pid, parent) {
  if (process.platform === 'linux') return describe(pid)?.parent === parent;
  try {
    process.kill(pid, 0);
    process.kill(parent, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isNpm(pid) {
  return /^npm |[\\/](npm|npx)-cli\.js/.test(describe(pid)?.command ?? '');
}

function describe(pid) {
  try {
    if (process.platform === 'linux') {
      // The second field of stat is the name in brackets and may itself hold spaces and brackets.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return { parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
    }
    const [parent, ...command] = spawnSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' })
      .stdout.trim()
      .split(/\s+/);
    return { parent: Number(parent), command: command.join(' ') };
  } catch {
    return undefined;
  }
}
