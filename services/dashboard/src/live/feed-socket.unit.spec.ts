import { describe, expect, it } from '@jest/globals';
import { FeedSocket, type FeedState } from './feed-socket.js';

type Listener = (event: { readonly data?: unknown }) => void;

/** A WebSocket whose other end is the test. */
class FakeSocket {
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];
  private readonly listeners = new Map<string, Listener[]>();

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.tell('open', {});
  }

  drop(): void {
    this.readyState = 3;
    this.tell('close', {});
  }

  event(id: string, position: number): void {
    const event = {
      id: `e${position}`,
      type: 'RunStarted',
      stream: 'run-r',
      revision: position,
      position,
      time: 't',
      data: {},
      metadata: {},
    };
    this.tell('message', { data: JSON.stringify({ type: 'event', id, event }) });
  }

  caughtUp(id: string, position: number): void {
    this.tell('message', { data: JSON.stringify({ type: 'caught-up', id, position }) });
  }

  private tell(type: string, event: { readonly data?: unknown }): void {
    for (const listener of this.listeners.get(type) ?? []) listener(event);
  }
}

function feed() {
  const sockets: FakeSocket[] = [];
  const waits: { readonly ms: number; readonly callback: () => void }[] = [];
  const states: FeedState[] = [];
  const socket = new FeedSocket({
    address: 'ws://x/v1/feed',
    system: {
      now: () => 0,
      newId: () => '',
      after: (ms, callback) => {
        waits.push({ ms, callback });
        return () => {};
      },
    },
    open: (_address, protocols) => {
      const fake = new FakeSocket();
      expect(protocols).toEqual(['tutti.v1']);
      sockets.push(fake);
      return fake as unknown as WebSocket;
    },
    onState: (state) => states.push(state),
  });
  const last = (): FakeSocket => sockets.at(-1) ?? new FakeSocket();
  return { socket, last, waits, states };
}

describe('the page’s feed', () => {
  it('asks for everything when it opens, and for what comes later at once', () => {
    const { socket, last } = feed();
    socket.subscribe({ categories: ['run'] }, 'head', () => {});
    socket.start();
    expect(last().sent).toEqual([]);
    last().open();
    const stop = socket.subscribe({ runId: 'r' }, 7, () => {});
    stop();
    expect(last().sent).toEqual([
      { type: 'subscribe', id: 's0', after: 'head', categories: ['run'] },
      { type: 'subscribe', id: 's1', after: 7, runId: 'r' },
      { type: 'unsubscribe', id: 's1' },
    ]);
  });

  it('asks after the last event it saw when it comes back, and passes over what it has seen', () => {
    const { socket, last, waits, states } = feed();
    const seen: number[] = [];
    socket.subscribe({ runId: 'r' }, 3, ({ position }) => seen.push(position));
    socket.start();
    last().open();
    last().event('s0', 4);
    last().event('s0', 9);
    last().drop();
    waits[0]?.callback();
    last().open();
    expect(last().sent).toEqual([{ type: 'subscribe', id: 's0', after: 9, runId: 'r' }]);
    last().event('s0', 9);
    last().event('s0', 12);
    expect(seen).toEqual([4, 9, 12]);
    expect(states).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live']);
  });

  it('begins where it has caught up, though nothing has happened yet', () => {
    const { socket, last, waits } = feed();
    let caughtUp = 0;
    socket.subscribe(
      {},
      'head',
      () => {},
      () => caughtUp++,
    );
    socket.start();
    last().open();
    last().caughtUp('s0', 41);
    last().drop();
    waits[0]?.callback();
    last().open();
    expect([caughtUp, last().sent[0]?.['after']]).toEqual([1, 41]);
  });

  it('waits longer each time, up to ten seconds, and from the beginning after it was there', () => {
    const { socket, last, waits } = feed();
    socket.start();
    for (let round = 0; round < 6; round++) {
      last().drop();
      waits.at(-1)?.callback();
    }
    last().open();
    last().drop();
    expect(waits.map(({ ms }) => ms)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 500]);
  });

  it('does not come back once it was closed', () => {
    const { socket, last, waits } = feed();
    socket.start();
    const open = last();
    open.open();
    socket.close();
    open.drop();
    expect(waits).toEqual([]);
  });
});
