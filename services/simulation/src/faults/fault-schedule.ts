import type { Chance } from '../world/chance.js';

/** One thing that goes wrong. Times in milliseconds of simulated time. */
export type Fault =
  | { readonly kind: 'crash-server'; readonly atMs: number; readonly server: number; readonly downMs: number }
  /** It ends at one of its own calls to the world: between two awaits. */
  | { readonly kind: 'crash-server-at-call'; readonly atMs: number; readonly server: number; readonly calls: number }
  | { readonly kind: 'stop-server'; readonly atMs: number; readonly server: number }
  | { readonly kind: 'pause-server'; readonly atMs: number; readonly server: number; readonly forMs: number }
  | { readonly kind: 'crash-worker'; readonly atMs: number; readonly worker: number }
  | { readonly kind: 'crash-worker-at-call'; readonly atMs: number; readonly worker: number; readonly calls: number }
  | { readonly kind: 'stop-worker'; readonly atMs: number; readonly worker: number }
  | { readonly kind: 'pause-worker'; readonly atMs: number; readonly worker: number; readonly forMs: number }
  | { readonly kind: 'clock-jump'; readonly atMs: number; readonly machine: number; readonly byMs: number }
  | { readonly kind: 'disk-full'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'slow-fsync'; readonly atMs: number; readonly forMs: number; readonly fsyncMs: number }
  | { readonly kind: 'failed-commit'; readonly atMs: number; readonly untilRestartMs: number }
  | { readonly kind: 'read-models-fail'; readonly atMs: number; readonly server: number; readonly forMs: number }
  | { readonly kind: 'bad-network'; readonly atMs: number; readonly forMs: number; readonly loss: number; readonly delayMs: number }
  | {
      readonly kind: 'bad-bus';
      readonly atMs: number;
      readonly forMs: number;
      readonly loss: number;
      readonly repetition: number;
      readonly delayMs: number;
    }
  | { readonly kind: 'move-partitions'; readonly atMs: number; readonly part: number };

export interface Place {
  readonly servers: number;
  readonly workers: number;
}

/** Faults begin before this and have ended a while later. */
const LAST_MS = 30_000;
/** The longest that one lasts, restarts included. */
const LONGEST_MS = 40_000;
export const FAULTS_OVER_MS = LAST_MS + LONGEST_MS;

export function faultSchedule(chance: Chance, place: Place): readonly Fault[] {
  const count = chance.happens(0.1) ? 0 : chance.int(1, 8);
  const kinds = Object.keys(MAKERS) as Fault['kind'][];
  const possible = kinds.filter(
    (kind) => (place.workers > 0 || !kind.includes('worker')) && (place.servers > 1 || kind !== 'move-partitions'),
  );
  const faults = Array.from({ length: count }, () => MAKERS[chance.pick(possible)](chance, chance.between(0, LAST_MS), place));
  if (place.servers > 1) faults.push(MAKERS['move-partitions'](chance, chance.between(0, LAST_MS), place));
  return faults.sort((one, other) => one.atMs - other.atMs);
}

type Maker = (chance: Chance, atMs: number, place: Place) => Fault;

const MAKERS: Readonly<Record<Fault['kind'], Maker>> = {
  'crash-server': (chance, atMs, { servers }) => ({
    kind: 'crash-server',
    atMs,
    server: chance.int(0, servers - 1),
    downMs: chance.skewed(10, LONGEST_MS),
  }),
  'crash-server-at-call': (chance, atMs, { servers }) => ({
    kind: 'crash-server-at-call',
    atMs,
    server: chance.int(0, servers - 1),
    calls: chance.int(1, 60),
  }),
  'stop-server': (chance, atMs, { servers }) => ({ kind: 'stop-server', atMs, server: chance.int(0, servers - 1) }),
  'pause-server': (chance, atMs, { servers }) => ({
    kind: 'pause-server',
    atMs,
    server: chance.int(0, servers - 1),
    forMs: chance.skewed(100, LONGEST_MS),
  }),
  'crash-worker': (chance, atMs, { workers }) => ({ kind: 'crash-worker', atMs, worker: chance.int(0, workers - 1) }),
  'crash-worker-at-call': (chance, atMs, { workers }) => ({
    kind: 'crash-worker-at-call',
    atMs,
    worker: chance.int(0, workers - 1),
    calls: chance.int(1, 40),
  }),
  'stop-worker': (chance, atMs, { workers }) => ({ kind: 'stop-worker', atMs, worker: chance.int(0, workers - 1) }),
  'pause-worker': (chance, atMs, { workers }) => ({
    kind: 'pause-worker',
    atMs,
    worker: chance.int(0, workers - 1),
    forMs: chance.between(100, LONGEST_MS),
  }),
  'clock-jump': (chance, atMs, { servers, workers }) => ({
    kind: 'clock-jump',
    atMs,
    machine: chance.int(0, servers + workers - 1),
    byMs: Math.round(chance.pick([-1, 1]) * chance.skewed(100, 600_000)),
  }),
  'disk-full': (chance, atMs) => ({ kind: 'disk-full', atMs, forMs: chance.skewed(50, LONGEST_MS) }),
  'slow-fsync': (chance, atMs) => ({ kind: 'slow-fsync', atMs, forMs: chance.between(500, LONGEST_MS), fsyncMs: chance.skewed(20, 5_000) }),
  'failed-commit': (chance, atMs) => ({ kind: 'failed-commit', atMs, untilRestartMs: chance.skewed(100, LONGEST_MS) }),
  'read-models-fail': (chance, atMs, { servers }) => ({
    kind: 'read-models-fail',
    atMs,
    server: chance.int(0, servers - 1),
    forMs: chance.skewed(50, LONGEST_MS),
  }),
  'bad-network': (chance, atMs) => ({
    kind: 'bad-network',
    atMs,
    forMs: chance.between(500, LONGEST_MS),
    loss: chance.between(0.02, 0.5),
    delayMs: chance.skewed(5, 3_000),
  }),
  'bad-bus': (chance, atMs) => ({
    kind: 'bad-bus',
    atMs,
    forMs: chance.between(500, LONGEST_MS),
    loss: chance.between(0, 0.4),
    repetition: chance.between(0, 0.4),
    delayMs: chance.skewed(5, 2_000),
  }),
  'move-partitions': (chance, atMs) => ({ kind: 'move-partitions', atMs, part: chance.pick([0.1, 0.5, 1]) }),
};
