import { beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { WorkerLeases } from './worker-leases.js';

const LEASE_MS = 4_000;

let runtime: ManualRuntime;
let expired: string[];
let leases: WorkerLeases;
beforeEach(() => {
  runtime = createManualRuntime();
  expired = [];
  leases = new WorkerLeases({ runtime, leaseMs: LEASE_MS, onExpired: (worker) => expired.push(worker) });
});

describe('the leases of workers', () => {
  it('run out, each once, within half of their length', async () => {
    leases.grant('one');
    await runtime.advance(500);
    leases.grant('two');
    await runtime.advance(LEASE_MS - 501);
    expect(expired).toEqual([]);
    await runtime.advance(LEASE_MS / 2 + 501);
    expect(expired).toEqual(['one', 'two']);
    await runtime.advance(LEASE_MS * 10);
    expect([expired.length, leases.has('one'), leases.renew('one'), runtime.pending()]).toEqual([2, false, false, 0]);
  });

  it('last as long as they are renewed', async () => {
    leases.grant('one');
    leases.grant('two');
    for (let second = 0; second < 20; second++) {
      await runtime.advance(1_000);
      expect(leases.renew('one')).toBe(true);
    }
    expect(expired).toEqual(['two']);
  });

  it('take one timer, however many there are, and none when there is none', async () => {
    for (let worker = 0; worker < 1_000; worker++) leases.grant(`w${worker}`);
    expect(runtime.pending()).toBe(1);
    for (let worker = 0; worker < 1_000; worker++) leases.end(`w${worker}`);
    await runtime.advance(LEASE_MS);
    expect([runtime.pending(), expired]).toEqual([0, []]);
  });

  it('may be shorter or longer than usual', async () => {
    leases.grant('short', 1_000);
    leases.grant('long', 30_000);
    await runtime.advance(2_000);
    expect(expired).toEqual(['short']);
    await runtime.advance(27_000);
    expect(expired).toEqual(['short']);
    await runtime.advance(2_000);
    expect(expired).toEqual(['short', 'long']);
  });

  it('do not run out while this process itself was stopped and could hear nobody', async () => {
    leases.grant('one');
    await runtime.advance(100);
    stop(runtime, 60_000);
    await runtime.advance(LEASE_MS);
    expect(expired).toEqual([]);
    expect(leases.renew('one')).toBe(true);
    await runtime.advance(LEASE_MS * 2.5);
    expect(expired).toEqual(['one']);
  });

  it('are not given up before signs of life are heard that came while this process was busy', async () => {
    leases.grant('one');
    // The look that finds the lease over comes first, what waits in the socket after it.
    await runtime.advance(LEASE_MS + 100);
    expect([expired, leases.renew('one')]).toEqual([[], true]);
    await runtime.advance(LEASE_MS - 100);
    expect(expired).toEqual([]);
    await runtime.advance(LEASE_MS);
    expect(expired).toEqual(['one']);
  });

  it('are over with their owner', async () => {
    leases.grant('one');
    leases.close();
    leases.grant('two');
    await runtime.advance(LEASE_MS * 2);
    expect([expired, runtime.pending()]).toEqual([[], 0]);
  });
});

/** The clock goes on, nothing else does. */
function stop({ clock }: ManualRuntime, ms: number): void {
  const { monotonic } = clock;
  Object.assign(clock, { monotonic: () => monotonic() + ms });
}
