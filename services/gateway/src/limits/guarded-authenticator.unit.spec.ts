import { beforeEach, describe, expect, it } from '@jest/globals';
import { toTuttiError, TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { Credentials } from '../access/authenticator.js';
import type { Principal } from '../access/principal.js';
import { GuardedAuthenticator } from './guarded-authenticator.js';

const GUESSER = '10.0.0.66';

let runtime: ManualRuntime;
let good: string;
let looked: number;
let guessed: number;
let guarded: GuardedAuthenticator;
beforeEach(() => {
  runtime = createManualRuntime();
  good = 'Bearer good';
  looked = 0;
  guessed = 0;
  const inner = {
    carried: ({ authorization, cookie }: Credentials) => {
      const text = authorization ?? cookie;
      return text === undefined ? null : { text, canBeGuessed: !text.startsWith('Bearer key-') };
    },
    async authenticate({ authorization }: Credentials): Promise<Principal> {
      looked += 1;
      if (authorization !== good) throw new TuttiError('UNAUTHENTICATED', 'not known');
      return {
        actor: 'user:ann',
        credential: { kind: 'api-key', id: 'k' },
        permissions: new Set(),
        mayActAsOthers: false,
        expiresAtMs: null,
      };
    },
  };
  guarded = new GuardedAuthenticator(inner, { failedTries: { perSecond: 1, burst: 5 }, maxBuckets: 100 }, runtime.clock);
});

const ask = (authorization: string | undefined, address = GUESSER): Promise<string> =>
  guarded.authenticate({ authorization, address }).then(
    ({ actor }) => actor,
    (error: unknown) => toTuttiError(error).code,
  );
async function guess(times: number): Promise<string[]> {
  const answers: string[] = [];
  for (let at = 0; at < times; at++) answers.push(await ask(`Bearer guess-${(guessed += 1)}`));
  return answers;
}

describe('who guesses credentials', () => {
  it('is looked at a few times, then once a second', async () => {
    expect(await guess(8)).toEqual([...Array<string>(5).fill('UNAUTHENTICATED'), ...Array<string>(3).fill('RATE_LIMITED')]);
    expect(looked).toBe(5);
    await runtime.advance(2_000);
    expect(await guess(3)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED']);
  });

  it('learns nothing from the right one among too many', async () => {
    await guess(5);
    expect(await ask(good)).toBe('RATE_LIMITED');
    await runtime.advance(1_000);
    expect(await ask(good)).toBe('user:ann');
  });

  it('keeps nobody out who was in before, from the same address or another', async () => {
    expect(await ask(good)).toBe('user:ann');
    await guess(100);
    expect(await ask(good)).toBe('user:ann');
    expect(await ask('Bearer other', '10.0.0.7')).toBe('UNAUTHENTICATED');
  });

  it('does not go on by a credential that was good once', async () => {
    await ask(good);
    good = 'Bearer rotated';
    await guess(4);
    expect([await ask('Bearer good'), await ask('Bearer good')]).toEqual(['UNAUTHENTICATED', 'RATE_LIMITED']);
  });

  it('is not who goes on with one wrong credential: others come in beside it', async () => {
    for (let at = 0; at < 50; at++) expect(await ask('Bearer stale')).toBe('UNAUTHENTICATED');
    expect(await ask(good)).toBe('user:ann');
  });

  it('shuts out no credential that nobody can guess, and learns nothing by trying those', async () => {
    good = 'Bearer key-of-ann';
    await guess(5);
    expect(await ask('Bearer key-guessed')).toBe('RATE_LIMITED');
    expect(await ask(good)).toBe('user:ann');
  });

  it('is not who carries nothing', async () => {
    for (let at = 0; at < 50; at++) expect(await ask(undefined)).toBe('UNAUTHENTICATED');
    expect(await ask(good)).toBe('user:ann');
  });
});
