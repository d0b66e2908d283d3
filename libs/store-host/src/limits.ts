/** What the host holds for others. Nothing grows beyond these, whatever the other processes do. */
export interface StoreHostLimits {
  /** Further ones are refused with OVERLOADED. */
  readonly maxConnections: number;
  /** Largest frame, both ways. Longer values travel in pieces. */
  readonly maxFrameBytes: number;
  /** Calls of one connection that run at once; beyond it the connection is not read. */
  readonly maxCallsPerConnection: number;
  /** Reads of one connection that are open at once. */
  readonly maxReadsPerConnection: number;
  /** Subscriptions of one connection that are open at once. They last, so they are counted apart: a gateway has one for each of its feeds, and reads beside them. */
  readonly maxSubscriptionsPerConnection: number;
  /** Largest argument that travels in pieces: a blob, a step of a projection. */
  readonly maxBodyBytes: number;
  /** All such arguments together that are under way. Beyond it OVERLOADED. */
  readonly maxBodyBytesTotal: number;
  /** Most messages of one bus subscription in hand at once, whatever its `concurrency`. */
  readonly maxInHand: number;
  /** A connection that has not said who it is by then is closed. */
  readonly helloMs: number;
  /** How long a bus member whose connection broke keeps what it has in hand; then it counts as rejected, and goes to others or waits. */
  readonly rejoinMs: number;
  /** How long {@link StoreHost.close} waits for calls and handlers under way. */
  readonly closeMs: number;
}

export const DEFAULT_LIMITS: StoreHostLimits = {
  maxConnections: 4_096,
  maxFrameBytes: 16 * 1024 * 1024,
  maxCallsPerConnection: 1_024,
  maxReadsPerConnection: 1_024,
  maxSubscriptionsPerConnection: 16_384,
  maxBodyBytes: 256 * 1024 * 1024,
  maxBodyBytesTotal: 512 * 1024 * 1024,
  maxInHand: 1_024,
  helloMs: 10_000,
  rejoinMs: 2_000,
  closeMs: 5_000,
};
