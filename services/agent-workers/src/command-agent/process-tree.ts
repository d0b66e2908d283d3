import { readdirSync, readFileSync } from 'node:fs';

/** A process and the sign by which everything that comes from it can be told. */
export interface ProcessRoot {
  readonly pid: number;
  /** When it started, in the system's ticks; nothing that started before can come from it. */
  readonly startTicks: number;
  /** `NAME=value` in the environment it was started with, unique to it. */
  readonly mark: string;
}

/**
 * The live processes that come from the root, itself included, though they may have left its process group: descendants by parent, and,
 * since a process whose parent ended is handed to init, every process that was started with the mark in its environment. What did both,
 * outlive its parent and clear its environment, is not found. Linux only; elsewhere nothing is found, and the process group must do.
 */
export function findProcesses(root: ProcessRoot): readonly FoundProcess[] {
  const candidates = new Map<number, Entry>();
  for (const name of listProc()) {
    const pid = Number(name);
    const entry = Number.isInteger(pid) && pid !== process.pid ? readEntry(pid) : undefined;
    if (entry !== undefined && entry.startTicks >= root.startTicks) candidates.set(pid, entry);
  }
  const mark = Buffer.from(root.mark);
  const marked = new Set([...candidates.keys()].filter((pid) => pid === root.pid || readProc(pid, 'environ')?.includes(mark) === true));
  const belongs = (pid: number): boolean => {
    for (
      let at: number | undefined = pid, steps = 0;
      at !== undefined && steps <= candidates.size;
      at = candidates.get(at)?.parent, steps++
    ) {
      if (at === root.pid || marked.has(at)) return true;
    }
    return false;
  };
  return [...candidates].filter(([pid, entry]) => !entry.dead && belongs(pid)).map(([pid, { group }]) => ({ pid, group }));
}

/** 0, before everything, where the system does not tell. */
export function startTicksOf(pid: number): number {
  return readEntry(pid)?.startTicks ?? 0;
}

interface FoundProcess {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
}

interface Entry {
  readonly parent: number;
  readonly group: number;
  readonly startTicks: number;
  /** Ended, and waits for its parent to take note. */
  readonly dead: boolean;
}

function readEntry(pid: number): Entry | undefined {
  // `pid (name) state ppid …`, the start as the 22nd; the name may hold anything, so what counts stands behind the last parenthesis.
  const stat = readProc(pid, 'stat')?.toString('latin1');
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, parent, group] = fields;
  if (parent === undefined) return undefined;
  return { parent: Number(parent), group: Number(group), startTicks: Number(fields[19]), dead: state === 'Z' || state === 'X' };
}

function listProc(): readonly string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

/** Undefined for what ended meanwhile or belongs to somebody else. */
function readProc(pid: number, file: 'stat' | 'environ'): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return undefined;
  }
}
