import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Runtime } from '@tutti/kernel';
import { connectMongo, type MongoConnection } from '@tutti/read-models/mongodb';
import { startMongoProxy, testMongoUrl } from '@tutti/read-models/testing';
import { createSystemRuntime, silentLogger } from '@tutti/service-kit';
import { MongoDirectory } from './mongo-directory.js';

export const LEASE_MS = 1_000;
const POLL_MS = 100;
const WITHIN_MS = 15_000;

/** A process of its own, as far as its directory can tell: it can be stopped, go on, and be cut off from the database. */
export interface TestProcess {
  readonly name: string;
  readonly directory: MongoDirectory;
  /** As by SIGSTOP; for good it is a SIGKILL. */
  stop(): void;
  goOn(): void;
  cutOff(): void;
  reconnect(): void;
}

/** Several processes on a database of their own, of random name. */
export class DirectoryHarness {
  private readonly database = `tutti_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  private readonly closers: (() => Promise<void>)[] = [];
  private count = 0;

  async process(): Promise<TestProcess> {
    const proxy = await startMongoProxy();
    const frozen = freezable(createSystemRuntime());
    const mongo = await this.connection(proxy.url, frozen.runtime);
    const name = `p${++this.count}`;
    const directory = new MongoDirectory({
      ...{ mongo, leaseMs: LEASE_MS, pollMs: POLL_MS, runtime: frozen.runtime, logger: silentLogger },
      who: { process: name, host: 'here', pid: this.count },
    });
    this.closers.push(async () => {
      frozen.thaw();
      await directory.close();
      await mongo.close();
      await proxy.close();
    });
    return { name, directory, stop: frozen.freeze, goOn: frozen.thaw, cutOff: () => proxy.cut(), reconnect: () => proxy.restore() };
  }

  async end(): Promise<void> {
    await Promise.all(this.closers.splice(0).map((close) => close()));
    const mongo = await this.connection(testMongoUrl(), createSystemRuntime());
    await mongo.connection.dropDatabase();
    await mongo.close();
  }

  private connection(url: string, runtime: Runtime): Promise<MongoConnection> {
    const timeouts = { selectMs: 400, connectMs: 400, answerMs: 800, heartbeatMs: 500 };
    return connectMongo({ url, database: this.database, runtime, timeouts });
  }
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let passed = 0; !holds(); passed += 20) {
    if (passed > WITHIN_MS) throw new Error(`${what} did not come about within ${WITHIN_MS} ms`);
    await wait(20);
  }
}

function freezable(inner: Runtime): { readonly runtime: Runtime; readonly freeze: () => void; readonly thaw: () => void } {
  let held: (() => void)[] | null = null;
  const unlessFrozen = (callback: () => void) => (): void => void (held === null ? callback() : held.push(callback));
  return {
    runtime: {
      ...inner,
      timers: { ...inner.timers, after: (delayMs, callback, upkeep) => inner.timers.after(delayMs, unlessFrozen(callback), upkeep) },
    },
    freeze: () => void (held ??= []),
    thaw: () => {
      const callbacks = held ?? [];
      held = null;
      for (const callback of callbacks) callback();
    },
  };
}
