import { randomUUID } from 'node:crypto';
import { createManualRuntime } from '@tutti/kernel/testing';
import { connectMongo, type MongoConnection, type MongoOptions } from './connect-mongo.js';
import { testMongoUrl } from '../testing/mongo-proxy.js';

export interface MongoDatabase {
  /** One more connection to it, as another process has. */
  connect(options?: Partial<MongoOptions>): Promise<MongoConnection>;
  /** Closes all connections, and drops it. */
  drop(): Promise<void>;
}

/** A database of random name, empty. */
export function createMongoDatabase(): MongoDatabase {
  const name = `tutti_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const connections: MongoConnection[] = [];
  const open = async (options: Partial<MongoOptions> = {}) => {
    const timeouts = { firstConnectMs: 5_000 };
    const connection = await connectMongo({ url: testMongoUrl(), database: name, runtime: createManualRuntime(), timeouts, ...options });
    connections.push(connection);
    return connection;
  };
  return {
    connect: open,
    async drop() {
      for (const connection of connections.splice(0)) await connection.close();
      const last = await open();
      await last.connection.dropDatabase();
      await last.close();
    },
  };
}
