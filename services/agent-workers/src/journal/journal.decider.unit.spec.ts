import { describe, expect, it } from '@jest/globals';
import { taskEvents, type TaskEvent } from '@tutti/contracts';
import { journalDecider, type JournalCommand, type JournalOwner, type StepEntry } from './journal.decider.js';
import { sizeOf } from './journal.state.js';

const HASH = 'a'.repeat(64);
const owner = (attempt: number, keptFrom = 1): JournalOwner => ({ runId: 'r', task: 'a', attempt, keptFrom, agent: 'clerk' });
const opened = (attempt: number, keptFrom = 1): TaskEvent => ({ type: 'TaskJournalOpened', data: owner(attempt, keptFrom) });

interface Changes {
  readonly name?: string;
  readonly occurrence?: number;
  readonly attempt?: number;
  readonly sideEffect?: 'pure' | 'idempotent' | 'compensable' | 'irreversible';
  readonly value?: string;
  readonly noEffect?: boolean;
}
const identity = ({ name = 'ask', occurrence = 1, attempt = 1, sideEffect = 'idempotent' }: Changes) => ({
  ...{ name, occurrence, attempt, sideEffect },
});
const startedAt = '2026-01-01T00:00:00.000Z';
const started = (changes: Changes = {}): StepEntry => ({
  type: 'TaskStepStarted',
  data: { ...identity({ sideEffect: 'irreversible', ...changes }), inputHash: HASH, startedAt, compensate: null },
});
const succeeded = (changes: Changes = {}): StepEntry => ({
  type: 'TaskStepSucceeded',
  data: {
    ...identity(changes),
    ...{ inputHash: null, value: { inline: changes.value ?? 'yes' }, startedAt, durationMs: 1, usage: null, resolved: false },
  },
});
const failed = (changes: Changes = {}): StepEntry => ({
  type: 'TaskStepFailed',
  data: {
    ...identity({ sideEffect: 'irreversible', ...changes }),
    ...{ error: { code: 'X', message: 'broke' }, noEffect: changes.noEffect ?? false, startedAt, durationMs: 1 },
  },
});

function given(...events: readonly TaskEvent[]) {
  const state = events.reduce((current, event) => journalDecider.evolve(current, event), journalDecider.initialState());
  const decide = (command: JournalCommand): readonly TaskEvent[] => {
    const decided = journalDecider.decide(command, state);
    for (const event of decided) {
      expect(taskEvents[event.type].data.parse(event.data)).toStrictEqual(event.data);
      journalDecider.evolve(state, event);
    }
    return decided;
  };
  return {
    state,
    opens: (attempt: number, keptFrom = 1) => decide({ type: 'Open', owner: owner(attempt, keptFrom) }),
    records: (entry: StepEntry, limits = { maxSteps: 10, maxBytes: 10_000 }) =>
      decide({ type: 'Record', owner: owner(entry.data.attempt), entry, limits }),
  };
}

const superseded = expect.objectContaining({ code: 'CANCELLED', message: expect.stringContaining('attempt 2 has opened') });

describe('the journal of a task', () => {
  it('is opened by the first attempt together with its first step, as nobody came before', () => {
    const journal = given();
    expect(journal.opens(1)).toEqual([]);
    expect(journal.records(succeeded())).toEqual([opened(1), succeeded()]);
    expect(journal.records(succeeded({ occurrence: 2 }))).toEqual([succeeded({ occurrence: 2 })]);
  });

  it('is opened by a later attempt at once, so that none before it can write any more', () => {
    const journal = given();
    expect(journal.opens(2)).toEqual([opened(2)]);
    expect(journal.opens(2)).toEqual([]);
    expect(() => journal.opens(1)).toThrow(superseded);
    expect(() => journal.records(succeeded())).toThrow(superseded);
    expect(journal.records(succeeded({ attempt: 2 }))).toHaveLength(1);
  });

  it('takes a step once, and a repeat for the same', () => {
    const journal = given(opened(1), succeeded());
    expect(journal.records(succeeded())).toEqual([]);
    expect(journal.records(started({ name: 'pay' }))).toHaveLength(1);
    expect(journal.records(started({ name: 'pay' }))).toEqual([]);
    expect(journal.records(failed({ name: 'pay' }))).toHaveLength(1);
    expect(journal.records(failed({ name: 'pay' }))).toEqual([]);
  });

  it('refuses another outcome for a step that has succeeded', () => {
    const journal = given(opened(1), succeeded(), opened(2));
    const mismatch = expect.objectContaining({ code: 'STEP_MISMATCH' });
    expect(() => journal.records(succeeded({ attempt: 2 }))).toThrow(mismatch);
    expect(() => journal.records(failed({ attempt: 2, sideEffect: 'idempotent' }))).toThrow(mismatch);
  });

  it('keeps what earlier attempts have done', () => {
    const journal = given(opened(1), succeeded());
    journal.opens(2);
    expect(journal.state.steps.get('ask#1')).toMatchObject({ attempt: 1, outcome: { value: { inline: 'yes' } } });
  });

  it('forgets at a reset all but irreversible steps, begun ones too', () => {
    const past = [succeeded(), started({ name: 'pay' }), succeeded({ name: 'pay', sideEffect: 'irreversible' }), started({ name: 'mail' })];
    const journal = given(opened(1), ...past, succeeded({ name: 'note', sideEffect: 'compensable' }));
    expect(journal.opens(2, 2)).toEqual([opened(2, 2)]);
    expect([...journal.state.steps.keys()]).toEqual(['pay#1', 'mail#1']);
    expect(journal.records(succeeded({ attempt: 2 }))).toHaveLength(1);
  });

  it('keeps what an attempt after the reset has done, when a third one comes with the same reset', () => {
    const journal = given(opened(1), succeeded(), opened(2, 2), succeeded({ attempt: 2, value: 'anew' }));
    journal.opens(3, 2);
    expect(journal.state.steps.get('ask#1')).toMatchObject({ attempt: 2, outcome: { value: { inline: 'anew' } } });
  });

  it('lets a step that failed begin again', () => {
    const journal = given(opened(1), started(), failed({ noEffect: true }), opened(2));
    expect(journal.records(started({ attempt: 2 }))).toHaveLength(1);
    expect(journal.state.steps.get('ask#1')).toMatchObject({ attempt: 2, outcome: { type: 'TaskStepStarted' } });
  });

  it('refuses more steps than its limit, those of earlier attempts counted, but never the outcome of one that was let in', () => {
    const limits = { maxSteps: 2, maxBytes: 10_000 };
    const journal = given(opened(1), succeeded());
    journal.records(started({ name: 'pay' }), limits);
    expect(journal.records(succeeded({ name: 'pay', sideEffect: 'irreversible' }), limits)).toHaveLength(1);
    const full = expect.objectContaining({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringMatching(/3 steps; at most 2.*maxJournalSteps/),
    });
    expect(() => journal.records(succeeded({ name: 'more' }), limits)).toThrow(full);
  });

  it('refuses more bytes than its limit, exactly, but never the outcome of a step that was let in', () => {
    const past = [opened(1), succeeded()];
    const taken = past.reduce((sum, event) => sum + sizeOf(event), 0);
    const next = started({ name: 'pay' });
    const room = (bytes: number) => ({ maxSteps: 10, maxBytes: taken + sizeOf(next) + bytes });
    expect(() => given(...past).records(next, room(-1))).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
    const journal = given(...past);
    expect(journal.records(next, room(0))).toEqual([next]);
    expect(journal.records(succeeded({ name: 'pay', value: 'x'.repeat(5_000) }), room(0))).toHaveLength(1);
  });
});
