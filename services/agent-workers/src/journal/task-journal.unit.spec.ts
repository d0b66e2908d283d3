import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError, type ErrorCode, type JsonValue } from '@tutti/kernel';
import { JournalHarness, over } from './journal-harness.js';

let journal: JournalHarness;
let ran: string[];
beforeEach(() => {
  journal = new JournalHarness();
  ran = [];
});

/** A step's work that notes that it ran. */
const work =
  (what: string, value: JsonValue = what) =>
  (): JsonValue => (ran.push(what), value);
const code = (expected: ErrorCode, message = '') => expect.objectContaining({ code: expected, message: expect.stringContaining(message) });
const IRREVERSIBLE = { sideEffect: 'irreversible' } as const;

describe('an attempt that a later one has taken over from', () => {
  it('can write nothing more, is told, and begins nothing more', async () => {
    const late = journal.attempt(1);
    await late.step('ask', work('ask'));
    await journal.attempt(2).step('look', work('look'));
    await expect(late.step('mail', work('mail'), IRREVERSIBLE)).rejects.toEqual(
      code('CANCELLED', 'attempt 1 of task draft[0] of run run-1 is superseded'),
    );
    expect(late.superseded).toEqual([expect.stringContaining('attempt 2 has opened its journal')]);
    await expect(late.step('more', work('more'))).rejects.toEqual(code('CANCELLED'));
    expect(ran).toEqual(['ask', 'look']);
    expect(await journal.types()).toEqual(['Opened', 'Succeeded', 'Opened', 'Succeeded']);
  });

  it('finds out at its first step when it had none before', async () => {
    const late = journal.attempt(1);
    await journal.attempt(2).step('ask', work('ask'));
    await expect(late.step('ask', work('late'))).rejects.toEqual(code('CANCELLED'));
    expect(ran).toEqual(['ask']);
  });
});

describe('the journal', () => {
  it('is read once by an attempt, and not at all by one without steps', async () => {
    journal.attempt(1);
    expect(journal.asked).toEqual({ reads: 0, appends: 0 });
    const attempt = journal.attempt(1);
    for (let count = 0; count < 20; count++) await attempt.step('ask', work('ask'));
    expect(journal.asked).toEqual({ reads: 1, appends: 20 });
  });

  it('takes steps that end together with one append', async () => {
    const attempt = journal.attempt(1);
    const names = Array.from({ length: 50 }, (_, index) => `part ${index}`);
    expect(await Promise.all(names.map((name) => attempt.step(name, work(name))))).toEqual(names);
    expect(journal.asked.appends).toBeLessThanOrEqual(2);
    ran = [];
    const again = journal.attempt(2);
    expect(await Promise.all(names.map((name) => again.step(name, work(name))))).toEqual(names);
    expect(ran).toEqual([]);
  });

  it('takes more at once than one append carries', async () => {
    const attempt = journal.attempt(1, { limits: { maxSteps: 100, maxBytes: 10_000_000 } });
    const parts = Array.from({ length: 30 }, (_, index) => `${index} ${'x'.repeat(60_000)}`);
    expect(await Promise.all(parts.map((part, index) => attempt.step(`part ${index}`, () => part)))).toEqual(parts);
    expect((await journal.types()).length).toBe(31);
  });

  it('refuses steps beyond its limit before they run, those under way counted', async () => {
    const attempt = journal.attempt(1, { limits: { maxSteps: 3, maxBytes: 10_000 } });
    const results = await Promise.allSettled([1, 2, 3, 4].map((part) => attempt.step('part', work(`part ${part}`))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(results[3]).toMatchObject({ reason: code('PAYLOAD_TOO_LARGE', 'maxJournalSteps') });
    expect(ran).toHaveLength(3);
  });

  it('refuses a result beyond its limit of bytes, and goes on with smaller ones', async () => {
    const attempt = journal.attempt(1, { limits: { maxSteps: 10, maxBytes: 2_000 } });
    const [large, small] = await Promise.allSettled([attempt.step('large', () => 'x'.repeat(3_000)), attempt.step('small', () => 'x')]);
    expect(large).toMatchObject({ reason: code('PAYLOAD_TOO_LARGE', 'maxJournalBytes') });
    expect(small).toMatchObject({ value: 'x' });
  });

  it.each<[string, boolean]>([
    ['never reached the store', false],
    ['reached the store though its answer did not come back', true],
  ])('tries again while an append %s, and records once', async (_, reached) => {
    let failures = 3;
    const attempt = journal.attempt(1, {
      wrap: (store) =>
        over(store, {
          append: async (...given) => {
            if (failures-- <= 0) return store.append(...given);
            if (reached) await store.append(...given);
            throw new TuttiError('DISK_FULL', 'no space');
          },
        }),
    });
    const step = attempt.step('mail', work('mail'), IRREVERSIBLE);
    for (let turn = 0; turn < 20; turn++) await journal.runtime.advance(500);
    expect(await step).toBe('mail');
    expect(ran).toEqual(['mail']);
    expect(await journal.types()).toEqual(['Opened', 'Started', 'Succeeded']);
  });

  it('gives up at the end of the attempt what it could not write', async () => {
    const attempt = journal.attempt(1, {
      wrap: (store) => over(store, { append: () => Promise.reject(new TuttiError('DISK_FULL', 'no space')) }),
    });
    const step = attempt.step('ask', work('ask'));
    await journal.runtime.advance(50);
    attempt.steps.close();
    await expect(step).rejects.toEqual(code('DISK_FULL'));
    expect(journal.runtime.pending()).toBe(0);
  });

  it('fails the step when the store refuses for good', async () => {
    const broken = () => Promise.reject(new TuttiError('STORE_UNAVAILABLE', 'a commit failed'));
    const attempt = journal.attempt(1, { wrap: (store) => over(store, { append: broken }) });
    await expect(attempt.step('ask', work('ask'))).rejects.toEqual(code('STORE_UNAVAILABLE'));
    await expect(attempt.step('ask', work('ask'))).rejects.toEqual(code('STORE_UNAVAILABLE'));
  });
});
