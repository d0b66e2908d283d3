import { describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { Refusals, REFUSALS_STREAM } from './refusals.js';

const wrongToken = new TuttiError('UNAUTHENTICATED', 'no');
const denied = new TuttiError('PERMISSION_DENIED', 'no', { details: { permission: 'runs:start' } });
const from = { address: '10.0.0.1', actor: '' };

function setUp() {
  const runtime = createManualRuntime();
  const store = createInMemoryEventStore(runtime);
  const refusals = new Refusals({ store: () => store, runtime, logger: silentLogger });
  const events = async () => {
    const data: unknown[] = [];
    for await (const event of store.readStream(REFUSALS_STREAM)) data.push(event.data);
    return data;
  };
  return { runtime, refusals, events };
}

describe('refused requests', () => {
  it('are recorded at once, with where they came from', async () => {
    const { runtime, refusals, events } = setUp();
    refusals.note(denied, { address: '10.0.0.1', actor: 'key:deploy' });
    await runtime.advance(0);
    expect(await events()).toEqual([
      {
        ...{ kind: 'permission', count: 1, since: '2026-01-01T00:00:00.000Z', until: '2026-01-01T00:00:00.000Z' },
        addresses: [{ value: '10.0.0.1', count: 1 }],
        actors: [{ value: 'key:deploy', count: 1 }],
        wanted: [{ value: 'runs:start', count: 1 }],
      },
    ]);
  });

  it('are one event a minute for each kind, however many there are, and none in a minute without any', async () => {
    const { runtime, refusals, events } = setUp();
    for (let index = 0; index < 10_000; index++) refusals.note(wrongToken, from);
    refusals.note(denied, from);
    await runtime.advance(59_999);
    expect(await events()).toHaveLength(2);
    await runtime.advance(1);
    expect(await events()).toEqual([
      expect.objectContaining({ kind: 'credential', count: 1 }),
      expect.objectContaining({ kind: 'permission', count: 1 }),
      expect.objectContaining({ kind: 'credential', count: 9_999, addresses: [{ value: '10.0.0.1', count: 9_999 }] }),
    ]);
    await runtime.advance(600_000);
    expect(await events()).toHaveLength(3);
    expect(runtime.pending()).toBe(0);
  });

  it('name ten addresses at most, cut short', async () => {
    const { runtime, refusals, events } = setUp();
    refusals.note(wrongToken, from);
    for (let index = 0; index < 50; index++) refusals.note(wrongToken, { address: `${index}-${'x'.repeat(500)}`, actor: '' });
    await runtime.advance(60_000);
    const [, last] = (await events()) as readonly { readonly addresses: readonly { readonly value: string }[] }[];
    expect(last?.addresses).toHaveLength(10);
    expect(last?.addresses.every(({ value }) => value.length <= 200)).toBe(true);
  });

  it('are written when the gateway stops', async () => {
    const { refusals, events } = setUp();
    refusals.note(wrongToken, from);
    refusals.note(wrongToken, from);
    await refusals.close();
    expect(await events()).toHaveLength(2);
  });

  it('are no other errors', async () => {
    const { refusals, events } = setUp();
    refusals.note(new TuttiError('RUN_NOT_FOUND', 'no'), from);
    refusals.note(new Error('no'), from);
    await refusals.close();
    expect(await events()).toEqual([]);
  });
});
