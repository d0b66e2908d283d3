import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient, type Collection } from 'mongodb';
import { partNames, startParts, type Part, type PartName } from '../../scripts/parts/parts.mjs';
import { root } from '../workspace/tracked-files.js';

interface Kept {
  write(address: string): Promise<void>;
  read(address: string): Promise<readonly string[]>;
}

const kept: Readonly<Record<PartName, Kept>> = {
  kafka: {
    write: (address) =>
      withKafka(address, async (kafka) => {
        const admin = kafka.admin();
        await admin.connect();
        await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true });
        await admin.disconnect();
        const producer = kafka.producer();
        await producer.connect();
        await producer.send({ topic: 'kept', messages: [{ value: 'a' }], acks: -1 });
        await producer.disconnect();
      }),
    read: (address) =>
      withKafka(address, async (kafka) => {
        const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}` });
        await consumer.connect();
        await consumer.subscribe({ topic: 'kept', fromBeginning: true });
        const value = await new Promise<string>((resolve) => {
          void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.value)) });
        });
        await consumer.disconnect();
        return [value];
      }),
  },
  mongo: {
    write: (address) => withMongo(address, async (things) => void (await things.insertOne({ name: 'a' }))),
    read: (address) => withMongo(address, async (things) => (await things.find({}).toArray()).map(({ name }) => name)),
  },
  eventstoredb: {
    write: (address) =>
      withEventStoreDb(address, async (client) => void (await client.appendToStream('kept', jsonEvent({ type: 'a', data: {} })))),
    read: (address) =>
      withEventStoreDb(address, async (client) => {
        const types: string[] = [];
        for await (const { event } of client.readStream('kept')) types.push(event?.type ?? '');
        return types;
      }),
  },
};

describe.each(partNames)('the native part %s', (name) => {
  let parts: Record<PartName, Part> & { close(): Promise<void> };
  beforeAll(async () => {
    parts = await startParts({ parts: [name] });
  });
  afterAll(() => parts.close());

  it.each(['stop', 'kill'] as const)('comes back at its address with what was acknowledged after a %s', async (how) => {
    const part = parts[name];
    const { address, pid } = part;
    if (how === 'stop') await kept[name].write(address);
    await part[how]();
    expect({ pid: part.pid, lives: isAlive(pid) }).toEqual({ pid: undefined, lives: false });
    await part.start();
    expect({ address: part.address, same: part.pid === pid }).toEqual({ address, same: false });
    expect(await kept[name].read(address)).toEqual(['a']);
  });
});

it('leaves no part behind when the process that started it is killed', async () => {
  const holder = spawn(process.execPath, ['test/integration/child-processes/holds-parts.mjs', 'eventstoredb'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(holder.stdout);
  const pid = Number(/^ready (\d+)$/.exec(line)?.[1]);
  expect(isAlive(pid)).toBe(true);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  for (let tries = 0; isAlive(pid); tries++) {
    expect(tries).toBeLessThan(100);
    await wait(50);
  }
});

async function withKafka<T>(address: string, use: (kafka: Kafka) => Promise<T>): Promise<T> {
  return use(new Kafka({ clientId: 'parts-spec', brokers: [address], logLevel: logLevel.NOTHING }));
}

async function withMongo<T>(address: string, use: (things: Collection<{ readonly name: string }>) => Promise<T>): Promise<T> {
  const client = new MongoClient(address);
  try {
    return await use(client.db('parts_spec').collection<{ readonly name: string }>('things'));
  } finally {
    await client.close();
  }
}

async function withEventStoreDb<T>(address: string, use: (client: EventStoreDBClient) => Promise<T>): Promise<T> {
  const client = EventStoreDBClient.connectionString(address);
  try {
    return await use(client);
  } finally {
    await client.dispose();
  }
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  return '';
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
