import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@tutti/kernel';
import type { BoundedLines } from './bounded-lines.js';
import { addressKey } from './remote-address.js';

interface GuardParts {
  /** Connections at once, of whom ever. */
  readonly maxConnections: number;
  /** Of these, of one address. */
  readonly perAddress: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly lines: BoundedLines;
}

interface Entry {
  readonly socket: Socket;
  readonly peer: Peer;
  /** Requests that are being worked on, or a WebSocket. */
  busy: number;
  /** Somebody with a good credential has used it. */
  trusted: boolean;
  takenBack: number;
  takenBackFromMs: number;
}

/** Connections of one address. Each set has those that wait for longest first, and is closed from before the next. */
interface Peer {
  readonly key: string;
  count: number;
  /** Have sent no request yet. */
  readonly fresh: Set<Entry>;
  readonly idle: Set<Entry>;
  readonly trusted: Set<Entry>;
  /** At work, but for nobody who has shown a good credential. */
  readonly strangers: Set<Entry>;
}

/** Node refuses beyond this many more, should one turn of the loop bring more than can be closed. */
const MARGIN = 1_000;
/** Requests on one connection that are not answered yet. Browsers and most clients send the next one after the answer. */
const MOST_AT_ONCE = 10;
const MOST_TAKEN_BACK = 200;
const TAKEN_BACK_WITHIN_MS = 1_000;

/**
 * Bounds connections, by address and in all. A new one takes the place of one that does nothing: first of those that never sent a request, then of those between requests, then of those that
 * somebody known has used, last of those that are at work for nobody known: who asks slowly without a credential keeps nobody out. Only when all are at work for somebody is the new one closed.
 */
export class ConnectionGuard {
  private readonly peers = new Map<string, Peer>();
  private readonly entries = new WeakMap<Socket, Entry>();
  private readonly sockets = new Map<string, Socket>();
  private count = 0;

  constructor(private readonly parts: GuardParts) {}

  watch(server: Server): void {
    server.maxConnections = this.parts.maxConnections + MARGIN;
    server.prependListener('connection', (socket: Socket) => void this.open(socket));
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.begin(socket);
      response.once('close', () => this.end(socket));
      // All requests that came in one piece are begun at once, and their answers wait for each other in memory.
      if ((this.entries.get(socket)?.busy ?? 0) > MOST_AT_ONCE && !socket.destroyed) this.close(socket, 'asks too much at once');
    });
    server.prependListener('upgrade', ({ socket }: IncomingMessage) => this.begin(socket));
    // Node ends connections that are quiet for too long between requests; those at work are quiet while we are slow, too.
    server.on('timeout', (socket: Socket) => {
      if ((this.entries.get(socket)?.busy ?? 0) === 0 || socket.writableLength > 0)
        this.close(socket, 'took nothing of its answer, or asked nothing more');
    });
  }

  /** False when there was no room for it. */
  open(socket: Socket): boolean {
    const key = addressKey(socket.remoteAddress);
    const peer = this.peers.get(key) ?? { key, count: 0, fresh: new Set(), idle: new Set(), trusted: new Set(), strangers: new Set() };
    if (!this.makeRoom(peer)) {
      this.close(socket, 'too many connections are at work for somebody');
      return false;
    }
    const entry = { socket, peer, busy: 0, trusted: false, takenBack: 0, takenBackFromMs: -Infinity };
    this.peers.set(key, peer);
    this.entries.set(socket, entry);
    const name = nameOf(socket);
    this.sockets.set(name, socket);
    peer.count += 1;
    this.count += 1;
    peer.fresh.add(entry);
    socket.once('close', () => {
      if (this.sockets.get(name) === socket) this.sockets.delete(name);
      this.forget(entry);
    });
    return true;
  }

  /** Something is being worked on. */
  begin(socket: Socket): void {
    const entry = this.entries.get(socket);
    if (entry === undefined) return;
    entry.busy += 1;
    waiting(entry).delete(entry);
    entry.peer.fresh.delete(entry);
    if (!entry.trusted) entry.peer.strangers.add(entry);
  }

  end(socket: Socket): void {
    const entry = this.entries.get(socket);
    if (entry === undefined) return;
    entry.busy -= 1;
    if (entry.busy > 0) return;
    entry.peer.strangers.delete(entry);
    if (!socket.destroyed) waiting(entry).add(entry);
  }

  trust(socket: Socket): void {
    const entry = this.entries.get(socket);
    if (entry === undefined || entry.trusted) return;
    waiting(entry).delete(entry);
    entry.peer.strangers.delete(entry);
    entry.trusted = true;
  }

  /** A call was taken back before it was answered. Who does it all the time asks for work that nobody wants, and is cut off. */
  takenBack(socket: Socket): void {
    const entry = this.entries.get(socket);
    if (entry === undefined || socket.destroyed) return;
    const nowMs = this.parts.clock.monotonic();
    if (nowMs - entry.takenBackFromMs >= TAKEN_BACK_WITHIN_MS) {
      entry.takenBackFromMs = nowMs;
      entry.takenBack = 0;
    }
    entry.takenBack += 1;
    if (entry.takenBack > MOST_TAKEN_BACK) this.close(socket, 'took back too many calls');
  }

  /** The connection whose other end is `address:port`. */
  find(peer: string): Socket | undefined {
    return this.sockets.get(peer);
  }

  get connections(): number {
    return this.count;
  }

  private makeRoom(peer: Peer): boolean {
    const { maxConnections, perAddress } = this.parts;
    if (peer.count >= perAddress) return this.closeOneOf(peer);
    if (this.count < maxConnections) return true;
    const byCount = [...this.peers.values()].sort((one, other) => other.count - one.count);
    return byCount.some((each) => this.closeOneOf(each));
  }

  private closeOneOf(peer: Peer): boolean {
    for (const waitingOnes of setsOf(peer)) {
      const [oldest] = waitingOnes;
      if (oldest === undefined) continue;
      this.forget(oldest);
      this.close(oldest.socket, 'too many connections are open');
      return true;
    }
    return false;
  }

  private close(socket: Socket, reason: string): void {
    this.parts.lines.say('warn', 'closed a connection', { reason, address: socket.remoteAddress, open: this.count });
    socket.destroy();
  }

  private forget(entry: Entry): void {
    const { peer, socket } = entry;
    if (!this.entries.delete(socket)) return;
    for (const set of setsOf(peer)) set.delete(entry);
    peer.count -= 1;
    this.count -= 1;
    if (peer.count === 0) this.peers.delete(peer.key);
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''}:${remotePort ?? 0}`;
}

/** In the order in which they make room. */
function setsOf({ fresh, idle, trusted, strangers }: Peer): readonly Set<Entry>[] {
  return [fresh, idle, trusted, strangers];
}

function waiting({ peer, trusted }: Entry): Set<Entry> {
  return trusted ? peer.trusted : peer.idle;
}
