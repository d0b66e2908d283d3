import type { Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import type { Runtime } from '@tutti/kernel';
import type { Principal } from '../access/principal.js';
import type { DoorLimits } from './door-limits.js';
import { loadOfCall } from './grpc-load.js';

const STREAMS = /\/(?:Follow|ServerReflectionInfo)$/;
const STATUS_WITHOUT_REQUEST: number = status.UNIMPLEMENTED;

interface CallParts {
  readonly limits: DoorLimits;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
  readonly path: string;
  /** `address:port` of the other side. */
  readonly peer: string;
}

/** One call of gRPC: counted while it is worked on, and logged when it is over. Feeds are open by their nature, so they count for nothing. */
export class TrackedCall {
  private readonly begunAtMs: number;
  private readonly socket: Socket | undefined;
  private principal: Principal | null = null;
  private status: number | null = null;
  private isOver = false;

  constructor(private readonly parts: CallParts) {
    this.begunAtMs = parts.runtime.clock.monotonic();
    parts.limits.shedder.enter();
    this.socket = parts.limits.grpcConnections.find(parts.peer);
    if (this.socket !== undefined) parts.limits.grpcConnections.begin(this.socket);
  }

  known(principal: Principal): void {
    this.principal = principal;
    if (this.socket !== undefined) this.parts.limits.grpcConnections.trust(this.socket);
    if (this.isFeed) this.parts.limits.shedder.leave();
  }

  answered(code: number): void {
    this.status ??= code;
  }

  /** On the wire, too. Repeats do nothing. */
  over(): void {
    if (this.isOver) return;
    this.isOver = true;
    const { limits, runtime, path, peer } = this.parts;
    const address = addressOf(peer);
    if (this.socket !== undefined) {
      limits.grpcConnections.end(this.socket);
      // One that was taken back before its request came looks like a call without one.
      if ((this.status === null || this.status === STATUS_WITHOUT_REQUEST) && !this.isFeed) limits.grpcConnections.takenBack(this.socket);
    }
    if (!this.isFeed || this.principal === null) limits.shedder.leave();
    const { status: code, principal } = this;
    limits.accessLog.answered({
      ...{ requestId: runtime.ids.next(), method: 'gRPC', path, ...loadOfCall(path) },
      ...{ principal, address, status: code ?? 0, refused: code !== null && code !== 0, brokenOff: code === null },
      ms: Math.round(runtime.clock.monotonic() - this.begunAtMs),
    });
  }

  private get isFeed(): boolean {
    return STREAMS.test(this.parts.path);
  }
}

export function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, '');
}
