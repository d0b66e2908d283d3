import { feedMessage, type EventView } from '@tutti/rest-contract';
import type { BrowserSystem } from '../system/browser-system.js';

export interface FeedFilter {
  readonly runId?: string;
  readonly categories?: readonly string[];
  readonly types?: readonly string[];
}

export type FeedState = 'connecting' | 'live' | 'waiting';

interface Subscription {
  readonly filter: FeedFilter;
  /** Events after it are still to come; `head` until the first was heard of. */
  after: number | 'head';
  readonly onEvent: (event: EventView) => void;
  /** All that was recorded before it asked has come. After `head`: what is read from now on misses nothing that does not come as an event. */
  readonly onCaughtUp: () => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

interface FeedSocketParts {
  /** `ws://…/v1/feed` */
  readonly address: string;
  readonly system: BrowserSystem;
  readonly open?: (address: string, protocols: string[]) => WebSocket;
  readonly onState: (state: FeedState) => void;
}

/**
 * One WebSocket for all that the page follows. When it breaks, it comes back with growing waits and asks for what came after the last event it saw, so that
 * nothing is missed and nothing comes twice.
 */
export class FeedSocket {
  private readonly subscriptions = new Map<string, Subscription>();
  private socket: WebSocket | null = null;
  private closed = false;
  private nextId = 0;
  private waitMs = FIRST_WAIT_MS;
  private cancelWait: () => void = () => {};

  constructor(private readonly parts: FeedSocketParts) {}

  start(): void {
    this.closed = false;
    this.connect();
  }

  close(): void {
    this.closed = true;
    this.cancelWait();
    this.socket?.close();
    this.socket = null;
  }

  /** @returns what ends it */
  subscribe(filter: FeedFilter, after: number | 'head', onEvent: (event: EventView) => void, onCaughtUp = () => {}): () => void {
    const id = `s${this.nextId++}`;
    const subscription: Subscription = { filter, after, onEvent, onCaughtUp };
    this.subscriptions.set(id, subscription);
    this.ask(id, subscription);
    return () => {
      this.subscriptions.delete(id);
      this.send({ type: 'unsubscribe', id });
    };
  }

  private connect(): void {
    this.parts.onState('connecting');
    const open = this.parts.open ?? ((address, protocols) => new WebSocket(address, protocols));
    // The browser sends the session's cookie along.
    const socket = open(this.parts.address, ['tutti.v1']);
    this.socket = socket;
    socket.addEventListener('open', () => {
      if (this.socket !== socket) return;
      this.waitMs = FIRST_WAIT_MS;
      for (const [id, subscription] of this.subscriptions) this.ask(id, subscription);
      this.parts.onState('live');
    });
    socket.addEventListener('message', ({ data }) => this.receive(data));
    socket.addEventListener('close', () => {
      if (this.socket === socket) this.comeBack();
    });
  }

  private comeBack(): void {
    this.socket = null;
    if (this.closed) return;
    this.parts.onState('waiting');
    this.cancelWait = this.parts.system.after(this.waitMs, () => this.connect());
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }

  private ask(id: string, { filter, after }: Subscription): void {
    this.send({ type: 'subscribe', id, after, ...filter });
  }

  private send(message: object): void {
    // What is asked for before it is open is asked for when it opens.
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private receive(data: unknown): void {
    const message = feedMessage.safeParse(JSON.parse(String(data)));
    if (!message.success) return;
    if (message.data.type === 'caught-up') {
      const subscription = this.subscriptions.get(message.data.id);
      if (subscription === undefined) return;
      subscription.after = later(subscription.after, message.data.position);
      subscription.onCaughtUp();
    } else if (message.data.type === 'event') {
      const { id, event } = message.data;
      const subscription = this.subscriptions.get(id);
      if (subscription === undefined || (subscription.after !== 'head' && event.position <= subscription.after)) return;
      subscription.after = event.position;
      subscription.onEvent(event);
    }
  }
}

function later(after: number | 'head', position: number): number {
  return after === 'head' ? position : Math.max(after, position);
}
