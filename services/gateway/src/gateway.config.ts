import { textList } from '@tutti/service-kit';
import { accessConfig } from './access/access.config.js';
import { z } from 'zod';
import { limitsConfig } from './limits/limits.config.js';

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const milliseconds = count(1, 3_600_000);

/** Characters that both a bearer token (RFC 6750) and a WebSocket subprotocol (RFC 9110 token) may have. */
export const TOKEN_PATTERN = /^[A-Za-z0-9._~-]{16,200}$/;

const feedConfig = z.strictObject({
  /** Connections at once; one more is refused with OVERLOADED. */
  maxSockets: count(1, 100_000).default(200),
  maxSubscriptionsPerSocket: count(1, 1_000).default(32),
  /** Commands of one socket at once; one more is refused with OVERLOADED. */
  maxCommandsPerSocket: count(1, 1_000).default(16),
  /** Server-sent event streams at once; one more is refused with OVERLOADED. */
  maxStreams: count(1, 100_000).default(200),
  /** Longest message a client may send. */
  maxMessageBytes: count(256, 1_048_576).default(65_536),
  /** Unsent bytes of one socket at which its catch-up pauses. */
  bufferBytes: count(1_024, 67_108_864).default(1_048_576),
  /** A reader that takes nothing of a full buffer for so long is ended: a WebSocket with 1013. */
  stallLimitMs: milliseconds.default(30_000),
  /** A client that has not answered one ping when the next is due is gone; server-sent events are kept alive as often. */
  pingIntervalMs: milliseconds.default(20_000),
  /** Events handed over at once; with the subscriptions it bounds what one socket holds in memory. */
  maxBatch: count(1, 1_000).default(64),
});

const grpcConfig = z.strictObject({
  /** Calls at once, feeds included; one more is refused with OVERLOADED. */
  maxCalls: count(1, 1_000_000).default(1_000),
  /** Of these, on one connection. */
  maxCallsPerConnection: count(1, 100_000).default(200),
  /** Feeds at once; one more is refused with OVERLOADED. `feed` says the rest about them. */
  maxFollowers: count(1, 100_000).default(200),
  /** A connection without a call for so long is closed. */
  idleTimeoutMs: milliseconds.default(300_000),
});

export const gatewayConfig = z.strictObject({
  host: z.string().min(1).max(255).default('127.0.0.1'),
  /** 0 for any free one. */
  port: count(0, 65_535).default(4700),
  /** Of gRPC, always on a loopback address: it is not encrypted. 0 for any free one; `server.json` in the data folder says which. */
  grpcPort: count(0, 65_535).default(0),
  /** What callers must carry. Made at the first start and kept in the data folder when left out. */
  token: z.string().regex(TOKEN_PATTERN, 'expected 16 to 200 letters, digits, dots, hyphens, underscores or tildes').optional(),
  /** Names that the Host header may have, besides those of the loopback address and of `host`. */
  allowedHosts: textList.default([]),
  /** Origins of other pages that may call, like `https://console.example.com`. The gateway's own is always allowed. */
  allowedOrigins: textList.default([]),
  maxBodyBytes: count(1_024, 268_435_456).default(16 * 1024 * 1024),
  maxConnections: count(1, 1_000_000).default(2_000),
  /** Longest time for a request to arrive whole. */
  requestTimeoutMs: milliseconds.default(60_000),
  keepAliveTimeoutMs: milliseconds.default(72_000),
  /** Longest time for requests in flight to end once the gateway stops; then their connections are cut. */
  drainTimeoutMs: milliseconds.default(5_000),
  /** Most events of one answer, and about the most bytes; at least one event is given whatever its size. */
  maxEventsPerPage: count(1, 10_000).default(1_000),
  maxEventPageBytes: count(1_024, 268_435_456).default(8 * 1024 * 1024),
  limits: limitsConfig.prefault({}),
  feed: feedConfig.prefault({}),
  grpc: grpcConfig.prefault({}),
  /** Who may come in besides the bearer of the token. */
  auth: accessConfig.prefault({}),
});

export type GatewayConfig = z.infer<typeof gatewayConfig>;
export type FeedConfig = GatewayConfig['feed'];

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
