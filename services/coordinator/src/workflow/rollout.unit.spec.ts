import { describe, expect, it } from '@jest/globals';
import type { RolloutRule } from '@tutti/contracts';
import { createManualRuntime } from '@tutti/kernel/testing';
import { chooseVersion, sharesOf } from './rollout.js';
import type { WorkflowState } from './workflow.state.js';

const RUNS = 10_000;
const runtime = createManualRuntime();
const runIds = Array.from({ length: RUNS }, () => runtime.ids.next());

const state = (version: number, rules: readonly RolloutRule[], drained: readonly number[] = []): WorkflowState => ({
  version,
  hash: '',
  rules,
  drained: new Set(drained),
});
const chosen = (of: WorkflowState, runId: string, labels: Record<string, string> = {}): number =>
  chooseVersion('wf', of, { runId, labels });
const percent = (of: WorkflowState, version: number): number =>
  (runIds.filter((runId) => chosen(of, runId) === version).length / RUNS) * 100;

describe('the version that a new run gets', () => {
  it('is the newest without rules', () => {
    expect(new Set(runIds.slice(0, 100).map((runId) => chosen(state(3, []), runId)))).toEqual(new Set([3]));
  });

  it.each([1, 10, 33.3, 50, 90])('is by a share of %d % one in so many, about', (share) => {
    const shared = state(2, [
      { version: 1, share: 100 - share },
      { version: 2, share },
    ]);
    // Three standard deviations of 10,000 draws.
    const margin = 3 * Math.sqrt((share * (100 - share)) / RUNS);
    expect(Math.abs(percent(shared, 2) - share)).toBeLessThan(margin);
  });

  it('is the newest for what no share covers', () => {
    const shared = state(3, [{ version: 1, share: 30 }]);
    expect(percent(shared, 1) + percent(shared, 3)).toBe(100);
    expect([...sharesOf(shared)]).toEqual([
      [1, 30],
      [3, 70],
    ]);
  });

  it('is always the same for the same run', () => {
    const shared = state(2, [
      { version: 1, share: 50 },
      { version: 2, share: 50 },
    ]);
    expect(runIds.map((runId) => chosen(shared, runId))).toEqual(runIds.map((runId) => chosen(shared, runId)));
  });

  it('stays the new one for whom it was the new one while its share grows', () => {
    const at = (share: number) =>
      state(2, [
        { version: 2, share },
        { version: 1, share: 100 - share },
      ]);
    const early = runIds.filter((runId) => chosen(at(10), runId) === 2);
    expect(early.length).toBeGreaterThan(900);
    expect(early.every((runId) => chosen(at(25), runId) === 2 && chosen(at(80), runId) === 2)).toBe(true);
  });

  it('is drawn for each workflow by itself', () => {
    const shared = state(2, [
      { version: 2, share: 50 },
      { version: 1, share: 50 },
    ]);
    const both = runIds.filter((runId) => chosen(shared, runId) === chooseVersion('other', shared, { runId, labels: {} }));
    expect(both.length / RUNS).toBeGreaterThan(0.45);
    expect(both.length / RUNS).toBeLessThan(0.55);
  });

  it('is that of the first rule whose labels the run has, whatever the shares', () => {
    const rules = [
      { version: 1, share: 100 },
      { version: 2, labels: { team: 'x', tier: 'gold' } },
      { version: 3, labels: { team: 'x' } },
    ];
    const labelled = state(4, rules);
    expect(chosen(labelled, 'r', { team: 'x', tier: 'gold', more: 'y' })).toBe(2);
    expect(chosen(labelled, 'r', { team: 'x' })).toBe(3);
    expect(chosen(labelled, 'r', { team: 'z' })).toBe(1);
    expect(chosen(labelled, 'r')).toBe(1);
  });

  it('is never a drained one', () => {
    const rules = [
      { version: 1, labels: { team: 'x' } },
      { version: 1, share: 100 },
    ];
    expect(chosen(state(3, rules, [1, 3]), 'r', { team: 'x' })).toBe(2);
    expect([...sharesOf(state(3, rules, [1, 3]))]).toEqual([[2, 100]]);
    expect(() => chosen(state(2, [], [1, 2]), 'r')).toThrow(expect.objectContaining({ code: 'WORKFLOW_VERSION_DRAINED' }));
  });
});
