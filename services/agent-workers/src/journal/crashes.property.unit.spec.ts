import { describe, expect, it } from '@jest/globals';
import type { TaskEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import type { Random } from '@tutti/kernel';
import { seededRandom } from '@tutti/kernel/testing';
import { CrashingAttempts, type Effect, type ProgramStep, type StepClass } from './crashing-attempts-harness.js';
import { JournalHarness, over } from './journal-harness.js';

type Fault = (store: EventStore) => EventStore;

const CLASSES: readonly StepClass[] = ['pure', 'idempotent', 'compensable', 'irreversible'];
const SEEDS = 150;
const MAX_CRASHES = 4;

function randomProgram(random: Random): readonly ProgramStep[] {
  let group = 0;
  return Array.from({ length: 1 + Math.floor(random.next() * 6) }, (_, index) => {
    if (random.next() < 0.6) group++;
    return { name: `step ${index}`, sideEffect: CLASSES[Math.floor(random.next() * CLASSES.length)] ?? 'pure', group };
  });
}

/** What must hold of every history, however it was broken. */
function broken(
  effects: readonly Effect[],
  events: readonly TaskEvent[],
  results: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const problems: string[] = [];
  const attempts = events.map(({ data }) => data.attempt);
  if (attempts.some((attempt, index) => attempt < (attempts[index - 1] ?? 0)))
    problems.push(`an earlier attempt wrote after a later one: ${attempts.join()}`);
  for (const { step, attempt, sideEffect, announced } of effects) {
    const before = events.some((event) => event.type === 'TaskStepSucceeded' && event.data.name === step && event.data.attempt < attempt);
    if (before) problems.push(`attempt ${attempt} ran ${step}, which an earlier one had recorded`);
    if ((sideEffect === 'irreversible' || sideEffect === 'compensable') && !announced.includes(step))
      problems.push(`${step} had its effect before it was recorded as begun`);
  }
  for (const step of new Set(effects.map(({ step: name }) => name))) {
    const own = effects.filter((effect) => effect.step === step);
    if (new Set(own.map(({ key }) => key)).size > 1) problems.push(`${step} had several keys`);
    if (own[0]?.sideEffect === 'irreversible' && own.length > 1) problems.push(`${step} is irreversible and happened ${own.length} times`);
    if (events.filter(({ type, data }) => type === 'TaskStepSucceeded' && data.name === step).length > 1)
      problems.push(`${step} was recorded twice`);
  }
  for (const [step, values] of results) if (values.size > 1) problems.push(`${step} gave ${[...values].join(' and ')}`);
  return problems;
}

/** Attempts until one comes to its end; those that stood still may go on at any time after. */
async function live(seed: number, options: { readonly pauses: boolean; readonly resolvable: boolean; readonly fault?: Fault }) {
  const random = seededRandom(seed);
  const journal = new JournalHarness();
  const program = randomProgram(random);
  const attempts = new CrashingAttempts(journal, program, random, options.resolvable, options.fault);
  const woken: Promise<unknown>[] = [];
  let outcome: string = 'crashed';
  for (let number = 1; outcome === 'crashed'; number++) {
    const stopAt = number <= MAX_CRASHES ? 1 + Math.floor(random.next() * program.length * 5) : Infinity;
    const running = attempts.attempt(number, stopAt);
    if (options.pauses && random.next() < 0.5) woken.push(attempts.wakeAll());
    outcome = await running;
  }
  if (options.pauses) await Promise.all([...woken, attempts.wakeAll()]);
  const events = await journal.events();
  return { outcome, events, program, attempts, problems: broken(attempts.effects, events, attempts.results) };
}

describe('whatever the point at which attempts crash', () => {
  it('each class of step keeps its promise, and only an irreversible one can end the task', async () => {
    const seen = { done: 0, uncertain: 0, crashes: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { outcome, problems, program, attempts, events } = await live(seed, { pauses: false, resolvable: false });
      expect({ seed, problems }).toEqual({ seed, problems: [] });
      expect(['done', 'uncertain']).toContain(outcome);
      if (outcome === 'uncertain') expect(program.some(({ sideEffect }) => sideEffect === 'irreversible')).toBe(true);
      else for (const { name } of program) expect(attempts.effects.some(({ step }) => step === name)).toBe(true);
      seen[outcome as 'done' | 'uncertain']++;
      seen.crashes += Math.max(...events.map(({ data }) => data.attempt), 1) - 1;
    }
    // The seeds must lead to both ends, and through crashes.
    expect(seen.done).toBeGreaterThan(10);
    expect(seen.uncertain).toBeGreaterThan(10);
    expect(seen.crashes).toBeGreaterThan(SEEDS / 2);
  });

  it('every task comes to its end, each irreversible step having happened exactly once, where it can be looked up', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { outcome, problems, program, attempts } = await live(seed, { pauses: false, resolvable: true });
      expect({ seed, outcome, problems }).toEqual({ seed, outcome: 'done', problems: [] });
      for (const { name, sideEffect } of program) {
        const times = attempts.effects.filter(({ step }) => step === name).length;
        if (sideEffect === 'irreversible') expect({ seed, name, times }).toEqual({ seed, name, times: 1 });
      }
    }
  });
});

describe('attempts that were only paused and go on beside a later one', () => {
  it('write nothing into its journal and repeat nothing that must not be repeated', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { problems } = await live(seed, { pauses: true, resolvable: false });
      expect({ seed, problems }).toEqual({ seed, problems: [] });
    }
  });
});

describe('the checks of these histories', () => {
  it.each<[string, string, Fault]>([
    [
      'takes what a late attempt writes',
      'an earlier attempt wrote after a later one',
      (store) => over(store, { append: (stream, events) => store.append(stream, events, 'any') }),
    ],
    [
      'answers before it has written',
      'before it was recorded as begun',
      (store) =>
        over(store, {
          append: async (...given) => {
            store.append(...given).catch(() => undefined);
            return { revision: 0, position: 0, events: [] };
          },
        }),
    ],
    [
      'forgets what steps have come to',
      'which an earlier one had recorded',
      (store) =>
        over(store, {
          readStream: (stream) => store.readStream(stream, { limit: 1 }),
          append: (stream, events) => store.append(stream, events, 'any'),
        }),
    ],
  ])('find a store that %s', async (_, problem, fault) => {
    const found: string[] = [];
    for (let seed = 1; seed <= SEEDS && found.length < 5; seed++) {
      const { problems } = await live(seed, { pauses: true, resolvable: false, fault });
      found.push(...problems.filter((text) => text.includes(problem)));
    }
    expect(found.length).toBeGreaterThan(0);
  });
});
