import { describe, expect, it } from '@jest/globals';
import type { RunEvent, StoredValue } from '@tutti/contracts';
import { compileDefinition } from '../definition/compile-definition.js';
import type { Plan } from '../definition/plan.js';
import { createRunDecider } from '../run/run.decider.js';
import type { DefinedVersion } from './migration.js';

const version = (number: number, ...steps: readonly string[]): DefinedVersion => {
  const compiled = compileDefinition(`name: wf\nsteps:\n${steps.map((step) => `  ${step}\n`).join('')}`);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return { plan: { ...compiled.plan, version: number }, definition: compiled.document };
};

const OLD = [
  'a: {capability: work}',
  'b: {capability: work, needs: a, gates: [{name: ok, type: approval, title: "?"}]}',
  'c: {capability: work, needs: b}',
];
const from = version(1, ...OLD);

const started: RunEvent = {
  type: 'RunStarted',
  data: {
    ...{ runId: 'r', workflow: 'wf', workflowVersion: 1, definitionHash: 'a'.repeat(64), inputs: { inline: {} }, labels: {} },
    ...{ idempotencyKey: null, requestHash: 'b'.repeat(64), startedBy: 'user:a' },
  },
};
const scheduled = (step: string, isAssigned = true): RunEvent => ({
  type: 'TaskScheduled',
  data: {
    ...{
      task: step,
      step,
      index: null,
      capability: 'work',
      pinnedAgent: null,
      timeoutMs: null,
      attempt: 1,
      input: { inline: null },
      feedback: [],
    },
    assignment: isAssigned ? { worker: 'w', agent: 'x', agentVersion: '1', deadlineAt: null, reason: '', candidates: [] } : null,
  },
});
const output = (step: string): StoredValue => OUTPUTS[step] ?? { inline: null };
const OUTPUTS: Readonly<Record<string, StoredValue>> = { a: { inline: { n: 1 } }, b: { inline: 2 } };
const succeeded = (step: string): RunEvent => ({
  type: 'TaskSucceeded',
  data: { task: step, attempt: 1, output: output(step), durationMs: 1 },
});
const stepSucceeded = (step: string): RunEvent => ({ type: 'StepSucceeded', data: { step } });
const asked: RunEvent = {
  type: 'ApprovalRequested',
  data: { approvalId: 'r.b.ok.1', step: 'b', gate: 'ok', title: '?', payload: { inline: 2 }, payloadHash: 'c'.repeat(64) },
};
const paused: RunEvent = { type: 'RunPaused', data: { pausedBy: 'user:a', reason: '' } };

const A_DONE = [started, scheduled('a'), succeeded('a'), stepSucceeded('a')];
const B_WAITS = [...A_DONE, scheduled('b'), succeeded('b'), asked];

interface Options {
  readonly mapping?: Readonly<Record<string, string>>;
  readonly problemsOfValues?: readonly string[];
  readonly checked?: ReadonlyMap<string, StoredValue>;
  readonly plan?: Plan;
}
const given = (...events: readonly RunEvent[]) => ({
  whenMigratedTo: (to: DefinedVersion, { mapping = {}, problemsOfValues = [], checked = new Map(), plan = from.plan }: Options = {}) => {
    const decider = createRunDecider(plan);
    const state = (JSON.parse(JSON.stringify(events)) as RunEvent[]).reduce(decider.evolve, decider.initialState());
    const command = {
      type: 'MigrateRun',
      from,
      to,
      mapping,
      problemsOfValues,
      checked,
      actor: 'user:a',
      reason: 'why',
      nowMs: 0,
      random: 0,
    } as const;
    const decided = decider.decide(command, state);
    return { decided, state: decided.reduce(decider.evolve, state) };
  },
  isRefusedFor: (to: DefinedVersion, options: Options = {}): readonly string[] => {
    try {
      given(...events).whenMigratedTo(to, options);
      return [];
    } catch (error) {
      const { code, details } = error as { readonly code: string; readonly details?: { readonly problems: readonly string[] } };
      return details?.problems ?? [code];
    }
  },
});

const SAME = version(2, ...OLD, 'd: {capability: more, needs: c}');

describe('migrating a run', () => {
  it('records where it goes, from where and by whom', () => {
    const { decided, state } = given(...B_WAITS).whenMigratedTo(SAME);
    expect(decided).toEqual([
      {
        type: 'RunMigrated',
        data: { fromVersion: 1, toVersion: 2, definitionHash: SAME.plan.hash, migratedBy: 'user:a', reason: 'why', dropped: [] },
      },
    ]);
    expect(state.workflowVersion).toBe(2);
  });

  it('decides nothing for a run that goes by the version already', () => {
    expect(given(...B_WAITS).whenMigratedTo(from).decided).toEqual([]);
  });

  it('drops steps that have not begun and are gone', () => {
    const { decided } = given(...B_WAITS).whenMigratedTo(version(2, ...OLD.slice(0, 2)));
    expect(decided).toMatchObject([{ data: { dropped: ['c'] } }]);
  });

  it.each([
    ['before anything has begun', [started], version(2, 'x: {capability: other}')],
    ['with a step that waits for an agent', [started, scheduled('a', false)], SAME],
    ['with a step that an agent works on, paused', [started, scheduled('a'), paused], SAME],
    ['with other steps after those that have ended', A_DONE, version(2, 'a: {capability: other}', 'z: {capability: work, needs: a}')],
    [
      'with another name, condition and compensation of a step under way',
      B_WAITS,
      version(
        2,
        OLD[0] ?? '',
        'b: {name: B, description: x, if: "${{ true }}", compensate: {capability: undo}, capability: work, needs: a, gates: [{name: ok, type: approval, title: "?"}]}',
      ),
    ],
  ])('is done %s', (_, events, to) => {
    expect(given(...events).isRefusedFor(to)).toEqual([]);
  });

  it.each([
    [
      'a finished step that is gone',
      A_DONE,
      version(2, 'x: {capability: work}'),
      ['step "a" has succeeded, and version 2 does not have it'],
    ],
    [
      'a step under way that is gone',
      [started, scheduled('a', false)],
      version(2, 'x: {capability: work}'),
      ['step "a" is under way, and version 2 does not have it'],
    ],
    [
      'other work of a step under way',
      [started, scheduled('a', false)],
      version(2, 'a: {capability: other, timeout: 5s}'),
      ['step "a" is under way, and version 2 changes its capability, timeout'],
    ],
    [
      'other gates of a step that waits for its approval',
      B_WAITS,
      version(2, OLD[0] ?? '', 'b: {capability: work, needs: a}'),
      ['step "b" is under way, and version 2 changes its gates'],
    ],
    [
      'other needs of a step under way',
      B_WAITS,
      version(2, OLD[0] ?? '', 'z: {capability: work}', (OLD[1] ?? '').replace('needs: a', 'needs: [a, z]')),
      ['step "b" is under way, and version 2 changes its needs'],
    ],
    ['an agent at work, unless paused', [started, scheduled('a')], SAME, ['agents work for it (a); pause it, or wait until it waits']],
  ])('is refused for %s', (_, events, to, expected) => {
    expect(given(...events).isRefusedFor(to)).toEqual(expected);
  });

  it('is refused with every reason at once, those of values too', () => {
    const to = version(2, 'b: {capability: other}');
    expect(given(...B_WAITS).isRefusedFor(to, { problemsOfValues: ['its inputs do not match'] })).toEqual([
      'step "a" has succeeded, and version 2 does not have it',
      'step "b" is under way, and version 2 changes its capability, gates, needs',
      'its inputs do not match',
    ]);
  });

  it('is refused when the run has ended, and for a group’s run', () => {
    const ended: RunEvent = { type: 'RunCancelled', data: { cancelledBy: 'user:a', reason: '' } };
    expect(given(...A_DONE, ended).isRefusedFor(SAME)).toEqual(['RUN_ENDED']);
    const group = version(1, 'inner: {capability: work}').plan;
    expect(given(started).isRefusedFor(SAME, { plan: group })).toEqual(['it runs a group of steps for another run; migrate that one']);
  });

  it('looks again when outputs came that were not looked at', () => {
    const strict = version(2, 'a: {capability: work, output: {type: object}}', ...OLD.slice(1));
    expect(given(...A_DONE).isRefusedFor(strict)).toEqual(['REVISION_CONFLICT']);
  });

  it('keeps what a step has come to under its new name', () => {
    const to = version(2, 'alpha: {capability: work}', 'b: {capability: work, needs: alpha}');
    const { decided, state } = given(...A_DONE).whenMigratedTo(to, { mapping: { a: 'alpha' } });
    expect(decided).toMatchObject([{ data: { mapping: { a: 'alpha' }, dropped: ['c'] } }]);
    expect(state.steps.get('alpha')).toMatchObject({ id: 'alpha', status: 'succeeded', output: output('a') });
    expect(state.steps.has('a')).toBe(false);
  });

  it.each([
    ['a step that there was not', { q: 'a' }, '"q" is mapped to "a", but version 1 has no such step'],
    ['a name that there will not be', { a: 'q' }, '"a" is mapped to "q", but version 2 has no such step'],
    ['a step that has not ended', { b: 'd' }, '"b" is mapped to "d", but has not ended; only steps that have ended take another name'],
    ['the name of another step', { a: 'c' }, '"a" is mapped to "c", which is the name of another step'],
  ])('is refused for a mapping of %s', (_, mapping, expected) => {
    expect(given(...B_WAITS).isRefusedFor(SAME, { mapping })).toContain(expected);
  });
});
