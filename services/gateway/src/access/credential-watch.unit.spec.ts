import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { CredentialWatch } from './credential-watch.js';
import type { Principal } from './principal.js';

function setUp(untilMs: number | null) {
  const runtime = createManualRuntime();
  let until = untilMs === null ? null : runtime.clock.now() + untilMs;
  const watch = new CredentialWatch(() => until, runtime);
  const principal: Principal = {
    ...{ actor: 'key:deploy', credential: { kind: 'api-key', id: 'k1' }, permissions: new Set() },
    ...{ mayActAsOthers: false, expiresAtMs: null },
  };
  const ended: string[] = [];
  const stop = watch.watch(principal, ({ code }) => void ended.push(code));
  const change = (ms: number | null): void => {
    until = ms === null ? null : ms === 0 ? 0 : runtime.clock.now() + ms;
    watch.recheck();
  };
  return { runtime, watch, ended, stop, change };
}

describe('what is kept open with a credential', () => {
  it('ends once, when the credential does', async () => {
    const { runtime, watch, ended } = setUp(1_000);
    await runtime.advance(999);
    expect(ended).toEqual([]);
    await runtime.advance(1);
    watch.recheck();
    await runtime.advance(10_000);
    expect(ended).toEqual(['UNAUTHENTICATED']);
    expect(runtime.pending()).toBe(0);
  });

  it('ends at once when the credential is revoked, however long it would have held', () => {
    const { ended, change, runtime } = setUp(null);
    change(0);
    expect(ended).toHaveLength(1);
    expect(runtime.pending()).toBe(0);
  });

  it('goes on when the credential has come to hold longer', async () => {
    const { runtime, ended, change } = setUp(1_000);
    change(5_000);
    await runtime.advance(4_999);
    expect(ended).toEqual([]);
    change(null);
    await runtime.advance(100_000);
    expect(ended).toEqual([]);
  });

  it('is not ended by the watch that began it, and not once it has ended by itself', async () => {
    const { runtime, ended, stop, watch } = setUp(0);
    expect(ended).toEqual([]);
    stop();
    watch.recheck();
    await runtime.advance(1_000);
    expect(ended).toEqual([]);
  });
});
