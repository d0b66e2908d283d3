import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { HostLink } from './client/host-link.js';
import { RemotePorts } from './client/store-host-client.js';
import { StoreHost } from './host/store-host.js';
import type { StoreHostLimits } from './limits.js';
import type { StoreHostLogger, StorePorts } from './store-ports.js';

export const SILENT: StoreHostLogger = { info: () => {}, warn: () => {}, error: () => {} };

const SETTLE_ROUNDS = 3;

/** A host and one process connected to it, over a real socket. */
export interface SocketLife {
  readonly host: StoreHost;
  readonly remote: RemotePorts;
  /** Kills both. */
  kill(): void;
}

/** A folder for sockets, and the clock that both ends live by. */
export class SocketWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'tutti-host-'));
  readonly runtime: ManualRuntime = createManualRuntime();
  readonly #lives: SocketLife[] = [];

  /** A port that a test does not use need not be given. */
  async start(ports: Partial<StorePorts>, limits: Partial<StoreHostLimits> = {}): Promise<SocketLife> {
    const socketPath = join(this.folder, `${this.#lives.length}.sock`);
    const mortal = mortalRuntime(this.runtime);
    const host = new StoreHost({ ports: ports as StorePorts, socketPath, runtime: mortal.runtime, logger: SILENT, limits });
    await host.listen();
    const options = { socketPath, runtime: mortal.runtime, logger: SILENT };
    const remote = new RemotePorts(new HostLink(options), options);
    await remote.connected();
    const kill = () => {
      mortal.end();
      remote.destroy();
      host.destroy();
    };
    const life = { host, remote, kill };
    this.#lives.push(life);
    return life;
  }

  /** Moves the clock, and lets what is on the sockets arrive before and after. */
  async elapse(ms: number, roundTrip: () => Promise<unknown>): Promise<void> {
    for (let round = 0; round < SETTLE_ROUNDS; round++) await roundTrip();
    await this.runtime.advance(ms);
    for (let round = 0; round < SETTLE_ROUNDS; round++) await roundTrip();
  }

  close(): void {
    for (const life of this.#lives) life.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Its timers come to nothing once it has ended. */
export function mortalRuntime(runtime: Runtime): { readonly runtime: Runtime; end(): void } {
  let alive = true;
  const whileAlive = (callback: () => void) => () => {
    if (alive) callback();
  };
  return {
    runtime: {
      ...runtime,
      timers: {
        after: (delayMs, callback) => runtime.timers.after(delayMs, whileAlive(callback)),
        soon: (callback) => runtime.timers.soon(whileAlive(callback)),
      },
    },
    end: () => void (alive = false),
  };
}
