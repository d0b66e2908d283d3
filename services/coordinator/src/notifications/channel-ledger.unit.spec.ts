import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime } from '@tutti/kernel/testing';
import { ChannelLedger } from './channel-ledger.js';
import type { ChannelCommand } from './channel.decider.js';

const runtime = createManualRuntime();
let store: EventStore;
beforeEach(() => {
  store = createInMemoryEventStore(runtime);
});

function request(id: string, position: number): ChannelCommand {
  const about = { runId: 'r-1', workflow: 'greet', step: null, approvalId: null, eventId: id, position, time: '2026-01-01T00:00:00.000Z' };
  const notification = { notificationId: id, channel: 'hooks', on: 'run.failed', to: [], about, title: '', text: '' };
  return { type: 'Request', notifications: [notification], maxPending: 10_000, refused: null };
}

const sent = (id: string): ChannelCommand => ({ type: 'RecordSent', id, answer: 'ok' });
const types = (events: readonly { readonly type: string }[]): readonly string[] => events.map(({ type }) => type);

describe('the ledger of a channel', () => {
  it('takes in what another one has written, and decides anew', async () => {
    const [mine, theirs] = [new ChannelLedger('hooks', { store, runtime }), new ChannelLedger('hooks', { store, runtime })];
    await Promise.all([mine.load(), theirs.load()]);
    expect(types(await theirs.handle(request('one', 1)))).toEqual(['NotificationRequested']);
    expect(await mine.handle(request('one', 1))).toEqual([]);
    expect(types(await mine.handle(sent('one')))).toEqual(['NotificationSent']);
    expect(await theirs.handle(sent('one'))).toEqual([]);
    expect(theirs.state.pending.size).toBe(0);
  });

  it('carries out commands that come together one after the other', async () => {
    const ledger = new ChannelLedger('hooks', { store, runtime });
    await Promise.all([ledger.load(), ...[1, 2, 3].map((position) => ledger.handle(request(`n-${position}`, position)))]);
    expect([...ledger.state.pending.keys()]).toEqual(['n-1', 'n-2', 'n-3']);
  });

  it('goes on after one that could not be stored', async () => {
    let broken = true;
    const append: EventStore['append'] = async (...args) => {
      if (broken) throw new Error('no disk');
      return store.append(...args);
    };
    const parts = {
      readStream: store.readStream.bind(store),
      loadSnapshot: store.loadSnapshot.bind(store),
      saveSnapshot: store.saveSnapshot.bind(store),
    };
    const ledger = new ChannelLedger('hooks', { store: { ...store, ...parts, append }, runtime });
    await expect(ledger.handle(request('one', 1))).rejects.toThrow('no disk');
    expect(ledger.state.pending.size).toBe(0);
    broken = false;
    expect(types(await ledger.handle(request('one', 1)))).toEqual(['NotificationRequested']);
  });

  it('begins from its snapshot, and is the same as from the beginning', async () => {
    const ledger = new ChannelLedger('hooks', { store, runtime });
    for (let position = 0; position < 260; position++) {
      await ledger.handle(request(`n-${position}`, position));
      if (position >= 5) await ledger.handle(sent(`n-${position}`));
    }
    const snapshot = await store.loadSnapshot('notification-hooks');
    expect(snapshot?.revision).toBe(499);
    const read: number[] = [];
    const counting: EventStore = {
      ...store,
      loadSnapshot: store.loadSnapshot.bind(store),
      readStream: (stream, options) => {
        read.push(options?.from ?? 0);
        return store.readStream(stream, options);
      },
    };
    const again = new ChannelLedger('hooks', { store: counting, runtime });
    await again.load();
    expect(read).toEqual([500]);
    expect(again.state).toEqual(ledger.state);
    expect([...again.state.pending.keys()]).toEqual(['n-0', 'n-1', 'n-2', 'n-3', 'n-4']);
  });
});
