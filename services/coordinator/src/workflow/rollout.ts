import type { RolloutRule } from '@tutti/contracts';
import { sha256Hex } from '@tutti/kernel';
import { drained } from './workflow.decider.js';
import type { WorkflowState } from './workflow.state.js';

export interface RunToCome {
  /** Follows from the idempotency key, if there is one: the same key always gets the same version under the same rules. */
  readonly runId: string;
  readonly labels: Readonly<Record<string, string>>;
}

const BUCKETS = 2 ** 32;

/**
 * The version that a start gets which names none: that of the first rule whose labels the run has; else by share; else the newest. Versions that are
 * drained are passed over. A run's place among the shares stays the same while rules change, so a share that grows keeps the runs it had.
 *
 * @throws TuttiError WORKFLOW_VERSION_DRAINED when every version is drained
 */
export function chooseVersion(name: string, state: WorkflowState, run: RunToCome): number {
  const rules = state.rules.filter(({ version }) => !state.drained.has(version));
  const labelled = rules.find(({ labels }) => labels !== undefined && hasLabels(run.labels, labels));
  if (labelled !== undefined) return labelled.version;
  const shared = rules.some(({ share }) => share !== undefined) ? byShare(rules, percentileOf(name, run.runId)) : null;
  return shared ?? newestOpen(name, state);
}

/** Per cent of the starts without a version that each version gets, those by labels left aside. */
export function sharesOf(state: WorkflowState): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  const add = (version: number, share: number): unknown => shares.set(version, (shares.get(version) ?? 0) + share);
  let rest = 100;
  for (const { version, share } of state.rules) {
    if (share === undefined || state.drained.has(version)) continue;
    add(version, share);
    rest -= share;
  }
  const newest = newestOf(state);
  if (newest !== null && rest > 0) add(newest, rest);
  return shares;
}

function hasLabels(has: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([key, value]) => Object.hasOwn(has, key) && has[key] === value);
}

function byShare(rules: readonly RolloutRule[], percentile: number): number | null {
  let upTo = 0;
  for (const { version, share } of rules) {
    upTo += share ?? 0;
    if (share !== undefined && percentile < upTo) return version;
  }
  return null;
}

/** Uniform in [0, 100); different for the same run id in other workflows. */
function percentileOf(name: string, runId: string): number {
  return (Number.parseInt(sha256Hex(`rollout of ${name}\n${runId}`).slice(0, 8), 16) / BUCKETS) * 100;
}

function newestOpen(name: string, state: WorkflowState): number {
  const newest = newestOf(state);
  if (newest === null) throw drained(name, state.version, 'and so is every other; restore one of them');
  return newest;
}

function newestOf(state: WorkflowState): number | null {
  for (let version = state.version; version > 0; version--) if (!state.drained.has(version)) return version;
  return null;
}
