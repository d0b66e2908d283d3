import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { connectMongo, type MongoConnection } from '@tutti/read-models/mongodb';
import { startMongoProxy, testMongoUrl } from '@tutti/read-models/testing';
import mongoose from 'mongoose';
import { describeBlobsContract } from '../testing/blobs-contract.js';
import type { BlobsHarness } from '../testing/blobs-harness.js';
import { openGridFsBlobs } from './gridfs-blobs.js';

const bytes = new TextEncoder().encode('a value');
const hash = sha256Hex(bytes);
const HOUR_MS = 3_600_000;

describeBlobsContract('blobs in GridFS', createGridFsHarness);

describe('blobs in GridFS', () => {
  const runtime = createManualRuntime();
  let mongo: MongoConnection;
  const open = () => openGridFsBlobs({ mongo, runtime });
  const count = async (what: 'files' | 'chunks') => mongo.connection.collection(`blobs.${what}`).countDocuments({});

  beforeEach(async () => {
    mongo = await connect(`tutti_test_${randomUUID().slice(0, 8)}`);
  });
  afterEach(async () => {
    await mongo.connection.dropDatabase();
    await mongo.close();
  });

  it('keep one file and no chunk too many when several processes put the same value at once', async () => {
    const large = Buffer.alloc(600_000, 7);
    const several = [await open(), await open(), await open()];
    await Promise.all(several.flatMap((blobs) => [blobs.put('acme', large), blobs.put('acme', large)]));
    expect(await count('files')).toBe(1);
    expect(await count('chunks')).toBe(3);
    expect(Buffer.compare(await (await open()).get('acme', sha256Hex(large)), large)).toBe(0);
  });

  it('take a value again, whole, when a chunk of it is lost', async () => {
    const blobs = await open();
    await blobs.put('acme', bytes);
    await mongo.connection.collection('blobs.chunks').deleteMany({});
    await expect(blobs.get('acme', hash)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    await blobs.put('acme', bytes);
    expect(Buffer.compare(await blobs.get('acme', hash), bytes)).toBe(0);
    expect(await count('files')).toBe(1);
  });

  it('remove in a sweep what a process left behind that died while it put a value, and no value', async () => {
    const blobs = await open();
    await blobs.put('acme', bytes);
    const left = mongoose.mongo.ObjectId.createFromTime(Math.floor(runtime.clock.now() / 1_000));
    await mongo.connection.collection('blobs.chunks').insertOne({ files_id: left, n: 0, data: Buffer.from('half of it') });
    await runtime.advance(HOUR_MS - 2_000);
    await blobs.sweep('acme', new Set([hash]), 0);
    expect(await count('chunks')).toBe(2);
    await runtime.advance(4_000);
    await blobs.sweep('acme', new Set([hash]), 0);
    expect(await count('chunks')).toBe(1);
    expect(Buffer.compare(await blobs.get('acme', hash), bytes)).toBe(0);
  });

  it('have each value whole or not at all when a process dies while it puts many, and take them again', async () => {
    const values = Array.from({ length: 40 }, (_, index) => Buffer.alloc(300_000 + index, index));
    const dying = await connect(mongo.connection.name);
    const onDying = await openGridFsBlobs({ mongo: dying, runtime });
    const answers = values.map((value) =>
      onDying.put('acme', value).then(
        () => true,
        () => false,
      ),
    );
    await Promise.any(answers.map(async (answer) => (await answer) || Promise.reject(new Error('not put'))));
    await dying.close();
    const answered = await Promise.all(answers);
    expect(new Set(answered)).toEqual(new Set([true, false]));
    const blobs = await open();
    for (const [index, value] of values.entries()) {
      const there = (await blobs.size('acme', sha256Hex(value))) !== null;
      if (answered[index] === true) expect(there).toBe(true);
      if (there) expect(Buffer.compare(await blobs.get('acme', sha256Hex(value)), value)).toBe(0);
      await blobs.put('acme', value);
      expect(Buffer.compare(await blobs.get('acme', sha256Hex(value)), value)).toBe(0);
    }
    expect(await count('files')).toBe(values.length);
  });

  it('keep a value that a process with a slower clock puts while it is swept', async () => {
    const blobs = await open();
    await blobs.put('acme', bytes);
    const slow = await openGridFsBlobs({ mongo, runtime: { clock: { now: () => 0, monotonic: () => 0 } } });
    await runtime.advance(HOUR_MS);
    const files = mongo.connection.collection('blobs.files');
    const seen = await files.findOne({ filename: `acme/${hash}` });
    await slow.put('acme', bytes);
    const put = await files.findOne({ filename: `acme/${hash}` });
    expect(put?.['metadata']).toEqual({ putMs: (seen?.['metadata'] as { putMs: number }).putMs, puts: 2 });
  });

  it('fail within their time, in a way that may pass, when the server goes away in the middle of puts, and leave nothing for good', async () => {
    const proxy = await startMongoProxy();
    const cut = await connectMongo({
      url: proxy.url,
      database: mongo.connection.name,
      runtime,
      timeouts: { selectMs: 5_000, heartbeatMs: 500 },
    });
    const onCut = await openGridFsBlobs({ mongo: cut, runtime });
    const values = Array.from({ length: 12 }, (_, index) => Buffer.alloc(600_000 + index, index));
    const putAll = () => values.map(async (value) => onCut.put('acme', value).catch((error: unknown) => error));
    const first = putAll();
    await Promise.race(first);
    proxy.cut();
    const failed = (await Promise.all(first)).filter((answer) => typeof answer !== 'string');
    expect(failed).not.toEqual([]);
    for (const error of failed) expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    proxy.restore();
    for (let tries = 0; cut.state().state !== 'connected'; tries++) {
      expect(tries).toBeLessThan(200);
      await wait(25);
    }
    const hashes = values.map((value) => sha256Hex(value));
    expect(await Promise.all(putAll())).toEqual(hashes);
    await cut.close();
    await proxy.close();
    const blobs = await open();
    for (const [index, value] of values.entries()) expect(Buffer.compare(await blobs.get('acme', hashes[index] ?? ''), value)).toBe(0);
    await runtime.advance(2 * HOUR_MS);
    await blobs.sweep('acme', new Set(hashes), 0);
    expect([await count('files'), await count('chunks')]).toEqual([values.length, values.length * 3]);
  });

  it('answer SHUTTING_DOWN once the connection is closed', async () => {
    const blobs = await open();
    const other = await connect(`tutti_test_${randomUUID().slice(0, 8)}`);
    const onOther = await openGridFsBlobs({ mongo: other, runtime });
    await other.connection.dropDatabase();
    await other.close();
    await expect(onOther.get('acme', hash)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(await blobs.size('acme', hash)).toBeNull();
  });
});

async function connect(database: string): Promise<MongoConnection> {
  return connectMongo({ url: testMongoUrl(), database, runtime: createManualRuntime() });
}

async function createGridFsHarness(): Promise<BlobsHarness> {
  const database = `tutti_test_${randomUUID().slice(0, 8)}`;
  const runtime = createManualRuntime();
  let mongo = await connect(database);
  let blobs = await openGridFsBlobs({ mongo, runtime });
  return {
    get blobs() {
      return blobs;
    },
    async damage(tenant, damaged) {
      const file = await mongo.connection.collection('blobs.files').findOne({ filename: `${tenant}/${damaged}` });
      const chunks = mongo.connection.collection('blobs.chunks');
      const chunk = { files_id: file?._id, n: 0 };
      const data = Buffer.from(((await chunks.findOne(chunk))?.['data'] as mongoose.mongo.Binary).buffer);
      data[0] = (data[0] ?? 0) ^ 1;
      await chunks.updateOne(chunk, { $set: { data } });
    },
    elapse: (ms) => runtime.advance(ms),
    async reopen() {
      await mongo.close();
      mongo = await connect(database);
      blobs = await openGridFsBlobs({ mongo, runtime });
    },
    async close() {
      await mongo.connection.dropDatabase();
      await mongo.close();
    },
  };
}
