import { beforeEach, describe, expect, it } from '@jest/globals';
import { AgentFailure, type StepCall, type StepOptions } from '@tutti/agent-sdk';
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
const breaks = (error: Error) => (): never => {
  ran.push('broke');
  throw error;
};
const code = (expected: ErrorCode, message = '') => expect.objectContaining({ code: expected, message: expect.stringContaining(message) });
const IRREVERSIBLE = { sideEffect: 'irreversible' } as const;

describe('a step', () => {
  it('runs once, and gives a later attempt what it gave the first', async () => {
    const value = { answer: [1, null, { deep: true }] };
    expect(await journal.attempt(1).step('ask', work('ask', value))).toEqual(value);
    expect(await journal.attempt(2).step('ask', work('ask', 'something else'))).toEqual(value);
    expect(ran).toEqual(['ask']);
  });

  it('is known by its name and by how many calls had that name before', async () => {
    const first = journal.attempt(1);
    for (const name of ['ask', 'look', 'ask']) await first.step(name, work(name, ran.length));
    const second = journal.attempt(2);
    expect([await second.step('ask', work('x')), await second.step('ask', work('x')), await second.step('look', work('x'))]).toEqual([
      0, 2, 1,
    ]);
    expect(await second.step('ask', work('third'))).toBe('third');
    expect(ran).toEqual(['ask', 'look', 'ask', 'third']);
  });

  it('is durable when it resolves, with what it used up and how long it took', async () => {
    const asked = async ({ usage }: StepCall) => {
      usage({ model: 'large', inputTokens: 10, outputTokens: 2, costUsd: 0.001 });
      await journal.runtime.advance(250);
      return 'yes';
    };
    await journal.attempt(1).step('ask', asked, { sideEffect: 'pure', input: { prompt: 'Well?' } });
    const usage = { model: 'large', inputTokens: 10, outputTokens: 2, costUsd: 0.001 };
    expect(await journal.events()).toMatchObject([
      { type: 'TaskJournalOpened', stream: 'task-run-1/draft[0]', metadata: { correlationId: 'run-1', actor: 'agent:clerk' } },
      {
        type: 'TaskStepSucceeded',
        data: {
          name: 'ask',
          occurrence: 1,
          attempt: 1,
          sideEffect: 'pure',
          value: { inline: 'yes' },
          durationMs: 250,
          usage,
          resolved: false,
        },
      },
    ]);
  });

  it('gets a key that is the same over attempts, and another for every step', async () => {
    const keys: string[] = [];
    const note = ({ idempotencyKey, attempt }: StepCall): never => {
      keys.push(`${attempt} ${idempotencyKey}`);
      throw new Error('not yet');
    };
    for (const number of [1, 2]) {
      const attempt = journal.attempt(number);
      for (const name of ['pay', 'pay', 'mail']) await attempt.step(name, note).catch(() => undefined);
    }
    const of = (attempt: number) => keys.filter((key) => key.startsWith(`${attempt} `)).map((key) => key.slice(2));
    expect(of(2)).toEqual(of(1));
    expect(new Set(of(1)).size).toBe(3);
  });

  it('gives a copy of what was recorded, at its first time too; nothing becomes null', async () => {
    const made = { list: [1] };
    const given = await journal.attempt(1).step('make', () => made);
    made.list.push(2);
    expect(given).toEqual({ list: [1] });
    const attempt = journal.attempt(2);
    expect(await attempt.step('make', work('make'))).toEqual({ list: [1] });
    expect(await attempt.step('tell', () => undefined)).toBeNull();
    expect(await journal.attempt(3).step('tell', work('tell'))).toBeNull();
  });

  it('fails with what its work threw, is not kept, and runs again', async () => {
    const error = new Error('no connection');
    await expect(journal.attempt(1).step('ask', breaks(error))).rejects.toBe(error);
    expect(await journal.types()).toEqual([]);
    expect(await journal.attempt(2).step('ask', work('ask'))).toBe('ask');
  });

  it('fails, naming the place, when its result is not JSON', async () => {
    await expect(journal.attempt(1).step('ask', () => ({ when: new Map() }))).rejects.toThrow('result of step "ask".when is a Map');
  });

  it('puts large results into the blobs', async () => {
    const large = 'x'.repeat(100_000);
    await journal.attempt(1).step('read', work('read', large));
    expect((await journal.events())[1]).toMatchObject({ data: { value: { blob: expect.any(String), bytes: 100_002 } } });
    expect(await journal.attempt(2).step('read', work('read'))).toBe(large);
  });

  it('is not kept, and asks nothing of the store, when it is pure and says so', async () => {
    const options = { sideEffect: 'pure', journal: false } as const;
    expect(await journal.attempt(1).step('count', work('count', 3), options)).toBe(3);
    expect(await journal.attempt(2).step('count', work('count', 3), options)).toBe(3);
    expect([ran, journal.asked]).toEqual([['count', 'count'], { reads: 0, appends: 0 }]);
  });

  it.each<[string, StepOptions<unknown> | object, string]>([
    ['an unknown class', { sideEffect: 'harmless' }, 'expected one of pure, idempotent, compensable, irreversible'],
    ['an option of another class', { sideEffect: 'idempotent', resolve: () => null }, 'has no option resolve'],
    ['no journal for what is not pure', { journal: false }, 'has no option journal'],
    ['a compensable step without what undoes it', { sideEffect: 'compensable' }, 'compensate.capability'],
    ['a resolve that is no function', { sideEffect: 'irreversible', resolve: 'yes' }, 'expected a function'],
  ])('refuses %s before it runs', async (_, options, message) => {
    await expect(journal.attempt(1).step('ask', work('ask'), options as StepOptions<unknown>)).rejects.toEqual(
      code('INVALID_REQUEST', message),
    );
    expect(ran).toEqual([]);
  });

  it.each([[''], ['x'.repeat(201)], [7 as unknown as string]])('refuses the name %j', async (name) => {
    await expect(journal.attempt(1).step(name, work('ask'))).rejects.toEqual(code('INVALID_REQUEST', 'step name'));
  });

  it('refuses usage that makes no sense', async () => {
    const asked = journal.attempt(1).step('ask', ({ usage }) => usage({ inputTokens: -1 }));
    await expect(asked).rejects.toEqual(code('INVALID_REQUEST', 'usage.inputTokens is -1'));
  });

  it('is refused when an earlier attempt came to it as something else', async () => {
    await journal.attempt(1).step('pay', work('pay'), { sideEffect: 'idempotent', input: { amount: 5 } });
    const other = journal.attempt(2).step('pay', work('pay'), { sideEffect: 'pure' });
    await expect(other).rejects.toEqual(code('STEP_MISMATCH', 'was recorded as idempotent and is now pure'));
    const differs = journal.attempt(3).step('pay', work('pay'), { input: { amount: 6 } });
    await expect(differs).rejects.toEqual(code('STEP_MISMATCH', 'another input'));
    expect(await journal.attempt(4).step('pay', work('pay'), { input: { amount: 5 } })).toBe('pay');
  });

  it('is not begun once the attempt is aborted', async () => {
    const attempt = journal.attempt(1);
    attempt.abort();
    await expect(attempt.step('ask', work('ask'))).rejects.toEqual(code('TIMED_OUT'));
    expect(ran).toEqual([]);
  });

  it('is recorded though its attempt is aborted while it runs, so that the next attempt has it', async () => {
    const attempt = journal.attempt(1);
    await attempt.step('mail', () => (attempt.abort(), 'sent'), IRREVERSIBLE);
    expect(await journal.attempt(2).step('mail', work('mail'), IRREVERSIBLE)).toBe('sent');
  });
});

describe('a compensable step', () => {
  const compensate = { capability: 'rooms.cancel', with: { room: 7 } };
  const options = { sideEffect: 'compensable', compensate } as const;

  it('is recorded with what undoes it before it runs, and runs again under the same key when nobody knows how it ended', async () => {
    const book = async () => (ran.push((await journal.types()).join()), 'booked');
    await journal.attempt(1).step('book', book, options);
    expect(ran).toEqual(['Opened,Started']);
    expect(await journal.events()).toMatchObject([{}, { data: { compensate } }, { data: { value: { inline: 'booked' } } }]);
  });

  it('is recorded as failed, and runs again', async () => {
    await journal
      .attempt(1)
      .step('book', breaks(new Error('full')), options)
      .catch(() => undefined);
    expect((await journal.events())[2]).toMatchObject({
      type: 'TaskStepFailed',
      data: { error: { message: 'Error: full' }, noEffect: false },
    });
    expect(await journal.attempt(2).step('book', work('book'), options)).toBe('book');
  });
});

describe('an irreversible step', () => {
  const UNCERTAIN = code('SIDE_EFFECT_UNCERTAIN', 'step "mail" (1) of task draft[0] of run run-1 is irreversible');
  const crash = () => void journal.attempt(1).step('mail', () => new Promise(() => {}), IRREVERSIBLE);
  const begun = async (): Promise<void> => {
    crash();
    while ((await journal.types()).length < 2) await journal.runtime.advance(0);
  };

  it('is recorded as begun before it runs', async () => {
    await journal.attempt(1).step('mail', async () => void ran.push(...(await journal.types())), IRREVERSIBLE);
    expect(ran).toEqual(['Opened', 'Started']);
    expect(await journal.types()).toEqual(['Opened', 'Started', 'Succeeded']);
  });

  it('is not run again when it was begun and nobody knows how it ended: the task fails for good', async () => {
    await begun();
    await expect(journal.attempt(2).step('mail', work('mail'), IRREVERSIBLE)).rejects.toEqual(UNCERTAIN);
    await expect(journal.attempt(3).step('mail', work('mail'), IRREVERSIBLE)).rejects.toMatchObject({ retryable: false });
    expect(ran).toEqual([]);
  });

  it('is not run again after an error, which says nothing of what has happened', async () => {
    await journal
      .attempt(1)
      .step('mail', breaks(new Error('connection reset')), IRREVERSIBLE)
      .catch(() => undefined);
    const again = journal.attempt(2).step('mail', work('mail'), IRREVERSIBLE);
    await expect(again).rejects.toEqual(code('SIDE_EFFECT_UNCERTAIN', 'failed (Error: connection reset)'));
  });

  it('is run again after an error that says that nothing has happened', async () => {
    const refused = new AgentFailure('REFUSED', 'the server is busy', { retryable: true, noEffect: true });
    await expect(journal.attempt(1).step('mail', breaks(refused), IRREVERSIBLE)).rejects.toBe(refused);
    expect(await journal.attempt(2).step('mail', work('mail'), IRREVERSIBLE)).toBe('mail');
  });

  it('is run again when its attempt was aborted before it could begin', async () => {
    const attempt = journal.attempt(1, {
      wrap: (store) =>
        over(store, {
          append: async (...given) => {
            const appended = await store.append(...given);
            attempt.abort();
            return appended;
          },
        }),
    });
    await expect(attempt.step('mail', work('mail'), IRREVERSIBLE)).rejects.toEqual(code('TIMED_OUT'));
    expect(ran).toEqual([]);
    expect(await journal.attempt(2).step('mail', work('mail'), IRREVERSIBLE)).toBe('mail');
  });

  it('takes what its resolve finds out as its result, for later attempts too', async () => {
    await begun();
    const keys: string[] = [];
    const resolve = (key: string) => (keys.push(key), { happened: true, value: { id: 'm-1' } } as const);
    expect(await journal.attempt(2).step('mail', work('mail'), { ...IRREVERSIBLE, resolve })).toEqual({ id: 'm-1' });
    expect(await journal.attempt(3).step('mail', work('mail'), IRREVERSIBLE)).toEqual({ id: 'm-1' });
    expect((await journal.events()).at(-2)).toMatchObject({ type: 'TaskStepSucceeded', data: { resolved: true } });
    expect([ran, keys]).toEqual([[], [expect.stringMatching(/^[0-9a-f]{64}$/)]]);
  });

  it('runs when its resolve finds that it has not happened, recorded as begun once more', async () => {
    await begun();
    const resolve = () => ({ happened: false }) as const;
    expect(await journal.attempt(2).step('mail', work('mail'), { ...IRREVERSIBLE, resolve })).toBe('mail');
    expect(await journal.types()).toEqual(['Opened', 'Started', 'Opened', 'Started', 'Succeeded']);
  });

  it('stays unknown when its resolve cannot tell', async () => {
    await begun();
    const asked = journal.attempt(2).step('mail', work('mail'), { ...IRREVERSIBLE, resolve: () => null });
    await expect(asked).rejects.toEqual(code('SIDE_EFFECT_UNCERTAIN', 'its resolve could not tell'));
    const broken = journal
      .attempt(3)
      .step('mail', work('mail'), { ...IRREVERSIBLE, resolve: breaks(new TuttiError('TIMED_OUT', 'no answer')) });
    await expect(broken).rejects.toEqual(code('TIMED_OUT', 'no answer'));
    expect(await journal.attempt(4).step('mail', work('mail'), { ...IRREVERSIBLE, resolve: () => ({ happened: false }) })).toBe('mail');
  });

  it('stays done when the journal begins anew', async () => {
    await journal.attempt(1).step('mail', work('mail'), IRREVERSIBLE);
    await journal.attempt(1).step('ask', work('ask'));
    const anew = journal.attempt(2, { keptFrom: 2 });
    expect(await anew.step('mail', work('again'), IRREVERSIBLE)).toBe('mail');
    expect(await anew.step('ask', work('again'))).toBe('again');
  });
});
