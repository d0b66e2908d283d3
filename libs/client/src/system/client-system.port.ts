import type { Runtime } from '@tutti/kernel';

/** The part of a WebSocket that the feed needs. */
export interface FeedSocket {
  send(text: string): void;
  /** Stops and restarts reading, so that a slow consumer slows the sender down. */
  pause(): void;
  resume(): void;
  /** Ends at once. */
  terminate(): void;
}

export interface FeedSocketEvents {
  readonly opened: () => void;
  readonly message: (text: string) => void;
  /** The server answered the upgrade with a status of its own and this body. */
  readonly refused: (status: number, body: string) => void;
  /** Nothing comes any more. Called once, after `refused` too. */
  readonly closed: (reason: string) => void;
}

export type OpenSocket = (url: string, headers: Readonly<Record<string, string>>, events: FeedSocketEvents) => FeedSocket;

/** The world around the client. */
export interface ClientSystem {
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Name of the user at the operating system. */
  readonly user: string;
  readonly processes: { isAlive(pid: number): boolean };
  readonly fetch: typeof fetch;
  readonly openSocket: OpenSocket;
}
