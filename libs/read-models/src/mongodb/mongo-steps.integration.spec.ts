import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import { createManualRuntime, seededRandom } from '@tutti/kernel/testing';
import type { DocumentWrite, ReadModel } from '../read-models.port.js';
import type { MongoConnection } from './connect-mongo.js';
import { CollectionHead } from './head.js';
import { openMongoReadModels } from './mongo-read-models.js';
import { createMongoDatabase, type MongoDatabase } from './mongo-server-harness.js';
import { testMongoUrl } from '../testing/mongo-proxy.js';

const definition = { name: 'runs', version: 1, indexes: [['status', 'startedAt'], ['owner.name']] };
const SMALL_PART_BYTES = 1_000;

/** As it is in the collection. */
interface RawDocument {
  readonly _id: string | number;
  readonly [field: string]: unknown;
}

let database: MongoDatabase;
let mongo: MongoConnection;
let runtime = createManualRuntime();

beforeEach(async () => {
  database = createMongoDatabase();
  mongo = await database.connect();
  runtime = createManualRuntime();
});
afterEach(() => database.drop());

const open = async (connection = mongo, redoPartBytes?: number) =>
  openMongoReadModels({ mongo: connection, runtime, ...(redoPartBytes === undefined ? {} : { redoPartBytes }) });
const raw = (name: string) => mongo.connection.collection<RawDocument>(name);
const next = (record: RawDocument | null) => Number(record?.['revision']) + 1;
const collections = async () => (await mongo.connection.listCollections()).map(({ name }) => name).filter((name) => name.startsWith('rm_'));

/** Of the one collection that there is. `set` changes it as another process does. */
const head = async () => {
  const [name = ''] = await collections();
  const found = await raw(name).findOne({ _id: 0 });
  const id = name.split('_').at(-1);
  const set = (fields: object) => raw(name).updateOne({ _id: 0 }, { $set: { ...fields, revision: next(found) } });
  return { id, revision: Number(found?.['revision']), set };
};

/** Leaves the head as a process does that dies right after it has decided a step. */
async function dieAfterDeciding(writes: readonly DocumentWrite[], checkpoint: number): Promise<void> {
  await (await head()).set({ redo: { checkpoint, writes: JSON.stringify(writes), parts: 0, mark: '' } });
}

const step = (position: number, count = 10) =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, document: { position, filler: 'ü'.repeat(200) }, position }));
const positions = async (model: ReadModel) => (await model.find({})).map(({ position }) => position);

describe('a step in MongoDB', () => {
  it('is brought about by whoever opens next when its process died after deciding it, and the checkpoint moves only then', async () => {
    const model = await (await open()).open(definition);
    await model.write(step(1), 1);
    await dieAfterDeciding(step(2), 2);
    expect(await model.checkpoint()).toBe(1);
    const reopened = await (await open(await database.connect())).open(definition);
    expect(await reopened.checkpoint()).toBe(2);
    expect(await positions(reopened)).toEqual(step(2).map(() => 2));
  });

  it('is brought about by whoever writes next, also half done', async () => {
    const model = await (await open()).open(definition);
    await model.write(step(1), 1);
    await dieAfterDeciding([...step(2), { key: 'gone', document: null, position: 2 }], 2);
    const [name] = await collections();
    await raw(name ?? '').updateOne({ _id: 'k0' }, { $set: { position: 2, document: { position: 2 } } });
    await model.write([{ key: 'k1', document: { position: 3 }, position: 3 }], 3);
    expect(await model.checkpoint()).toBe(3);
    expect((await positions(model)).sort()).toEqual([...Array.from({ length: 9 }, () => 2), 3]);
  });

  it('is one command, and so is reading what it is folded into', async () => {
    const url = new URL(testMongoUrl());
    url.searchParams.set('monitorCommands', 'true');
    const watched = await database.connect({ url: url.href });
    const commands: string[] = [];
    watched.connection.getClient().on('commandStarted', ({ commandName }) => commands.push(commandName));
    const model = await (await open(watched)).open(definition);
    await model.write([...step(1), { key: 'gone', document: null, position: 1 }], 1);
    commands.length = 0;
    await model.getMany(['k0', 'not there']);
    await model.write([...step(2), { key: 'new', document: { position: 2 }, position: 2 }], 2);
    await model.write([], 3);
    expect(commands).toEqual(['find', 'update', 'update']);
  });

  it('leaves nothing of itself when others have moved on since its writer saw the head', async () => {
    const model = await (await open()).open(definition);
    await model.write(step(1), 1);
    const [name] = await collections();
    await (await head()).set({ checkpoint: 9 });
    await model.write([...step(5), { key: 'late', document: { position: 5 }, position: 5 }], 5);
    expect(await model.checkpoint()).toBe(9);
    expect(await raw(name ?? '').distinct('position')).toEqual([1]);
    await model.write(step(10), 10);
    expect(await positions(model)).toEqual(step(10).map(() => 10));
  });

  it('is brought about around documents that are later already, and changes none of them', async () => {
    const model = await (await open()).open(definition);
    await model.write(step(1), 1);
    const [name] = await collections();
    for (const _id of ['k0', 'k4', 'k9']) await raw(name ?? '').updateOne({ _id }, { $set: { position: 7, document: { position: 7 } } });
    await model.write([...step(2), { key: 'new', document: { position: 2 }, position: 2 }], 2);
    const found = await model.find({ limit: 20 });
    expect(found.map(({ position }) => position)).toEqual([7, 2, 2, 2, 7, 2, 2, 2, 2, 7, 2]);
    expect(found.map(({ document }) => document['position'])).toEqual(found.map(({ position }) => position));
    expect([await model.checkpoint(), (await raw(name ?? '').findOne({ _id: 0 }))?.['redo']]).toEqual([2, null]);
  });

  it('happens once, whole, though others find it half done all the time', async () => {
    const models = await open(mongo, SMALL_PART_BYTES);
    const model = await models.open(definition);
    const other = await open(await database.connect(), SMALL_PART_BYTES);
    let isOver = false;
    const finishing = (async () => {
      while (!isOver) await other.open(definition);
    })();
    // Some fit the record, some do not.
    for (let position = 1; position <= 40; position++) {
      await model.write(step(position, position % 2 === 0 ? 2 : 30), position);
      expect(await model.checkpoint()).toBe(position);
    }
    isOver = true;
    await finishing;
    expect((await model.find({ limit: 30 })).map(({ position }) => position)).toEqual(
      step(1, 30).map(({ key }) => (/^k[01]$/.test(key) ? 40 : 39)),
    );
    expect(await raw('read_model_redo').countDocuments({})).toBe(0);
  });

  it('is whole when it does not fit one record, also when its process died after deciding it', async () => {
    const models = await open(mongo, SMALL_PART_BYTES);
    const model = await models.open(definition);
    await model.write(step(1, 40), 1);
    expect(await positions(model)).toEqual(step(1, 40).map(() => 1));
    expect(await raw('read_model_redo').countDocuments({})).toBe(0);

    const bytes = Buffer.from(JSON.stringify(step(2, 40)));
    const { id, revision, set } = await head();
    const parts = Math.ceil(bytes.length / SMALL_PART_BYTES);
    for (let part = 0; part < parts; part++) {
      const piece = bytes.subarray(part * SMALL_PART_BYTES, (part + 1) * SMALL_PART_BYTES);
      await raw('read_model_redo').insertOne({
        _id: `${id}/${revision}/m/${part}`,
        bytes: piece,
      });
    }
    await set({ redo: { checkpoint: 2, writes: null, parts, mark: 'm' } });
    const reopened = await (await open(await database.connect())).open(definition);
    expect(await positions(reopened)).toEqual(step(2, 40).map(() => 2));
    expect(await raw('read_model_redo').countDocuments({})).toBe(0);
  });

  it('is not mixed with that of another writer who made its record for the same head', async () => {
    const make = () => new CollectionHead(mongo.connection, 'id', mongo.connection.collection('rm'), SMALL_PART_BYTES);
    const [one, other] = [make(), make()];
    const before = { revision: 5, checkpoint: 1, redo: null };
    const redos = [
      await one.makeRedo(before, JSON.stringify(step(2, 40)), 2),
      await other.makeRedo(before, JSON.stringify(step(3, 40)), 3),
    ];
    const found = await Promise.all(redos.map((redo) => one.readRedo({ ...before, revision: 6, redo }, redo)));
    expect(found).toEqual([step(2, 40), step(3, 40)]);
  });

  it('leaves nothing of itself when its process died before deciding it', async () => {
    const model = await (await open()).open(definition);
    await model.write(step(1), 1);
    const { id, revision } = await head();
    const left = { _id: `${id}/${revision - 1}/m/0`, bytes: Buffer.from('[') };
    await raw('read_model_redo').insertOne(left);
    const reopened = await (await open()).open(definition);
    expect(await reopened.checkpoint()).toBe(1);
    expect(await raw('read_model_redo').countDocuments({})).toBe(0);
  });

  it('says what to do when a part of it is lost', async () => {
    const models = await open();
    await models.open(definition);
    await (await head()).set({ redo: { checkpoint: 2, writes: null, parts: 1, mark: 'm' } });
    await expect(models.open(definition)).rejects.toMatchObject({ code: 'DATA_DAMAGED', message: expect.stringContaining('new version') });
  });

  it('forgets a removal only when later steps have moved past it and no stopped writer could still be in the middle of one', async () => {
    const model = await (await open()).open(definition);
    const [name] = await collections();
    const remembered = () => raw(name ?? '').countDocuments({ removedAt: { $gt: 0 } });
    await model.write([{ key: 'a', document: {}, position: 1 }], 1);
    await model.write([{ key: 'a', document: null, position: 2 }], 2);
    await model.write([], 3);
    await runtime.advance(120_000);
    await model.write([], 4);
    expect(await remembered()).toBe(1);
    await runtime.advance(600_000);
    await model.write([], 5);
    expect(await remembered()).toBe(0);
    expect(await model.get('a')).toBeNull();
  });
});

describe('two writers by mistake', () => {
  const KEYS = 7;
  const EVENTS = 240;
  const keyOf = (position: number) => `k${position % KEYS}`;
  const removes = (position: number) => position % 31 === 0;

  function fold(document: JsonObject | null, position: number): JsonObject | null {
    return removes(position) ? null : { seen: [...((document?.['seen'] as readonly number[] | undefined) ?? []), position] };
  }

  /** As a projection does: reads the checkpoint and the documents, folds what comes after, writes. */
  async function project(model: ReadModel, random: () => number): Promise<void> {
    for (;;) {
      const checkpoint = await model.checkpoint();
      if (checkpoint >= EVENTS) return;
      const upTo = Math.min(EVENTS, checkpoint + 1 + Math.floor(random() * 12));
      const events = Array.from({ length: upTo - checkpoint }, (_, index) => checkpoint + 1 + index);
      const documents = new Map((await model.getMany([...new Set(events.map(keyOf))])).map((stored) => [stored.key, stored]));
      const folded = new Map<string, DocumentWrite>();
      for (const position of events) {
        const key = keyOf(position);
        const before = folded.get(key) ?? documents.get(key);
        if (before !== undefined && before.position >= position) continue;
        folded.set(key, { key, document: fold(before?.document ?? null, position), position });
      }
      await model.write([...folded.values()], upTo);
    }
  }

  it.each([1, 2, 3, 4, 5])('lose no document and bring back no older one (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const models = await Promise.all([0, 1, 2].map(async () => (await open(await database.connect(), SMALL_PART_BYTES)).open(definition)));
    await Promise.all(models.map((model) => project(model, () => random.next())));
    const expected = new Map<string, JsonObject | null>();
    for (let position = 0; position <= EVENTS; position++)
      expected.set(keyOf(position), fold(expected.get(keyOf(position)) ?? null, position));
    const found = await (await (await open()).open(definition)).find({});
    expect(found.map(({ key, document }) => [key, document])).toEqual([...expected].filter(([, document]) => document !== null).sort());
  });
});

describe('collections in MongoDB', () => {
  it('have the declared indexes, each ending in the key, and documents as they are', async () => {
    const model = await (await open()).open(definition);
    await model.write([{ key: 'a', document: { status: 'x', startedAt: 1 }, position: 4 }], 4);
    const [name] = await collections();
    const indexes = await mongo.connection
      .collection(name ?? '')
      .listIndexes()
      .toArray();
    expect(indexes.map(({ key }) => Object.keys(key as object))).toEqual(
      expect.arrayContaining([['_id'], ['document.status', 'document.startedAt', '_id'], ['document.owner.name', '_id'], ['removedAt']]),
    );
    expect(await raw(name ?? '').findOne({ _id: 'a' })).toEqual({ _id: 'a', position: 4, document: { status: 'x', startedAt: 1 } });
  });

  it('take no new index over documents that hold a list or an object there, and stay as they were', async () => {
    const models = await open();
    const model = await models.open({ ...definition, indexes: [] });
    await model.write([{ key: 'a', document: { owner: [{ name: 'x' }] }, position: 1 }], 1);
    const refused = { code: 'INVALID_REQUEST', message: expect.stringContaining('new version') };
    await expect(models.open({ ...definition, indexes: [['owner.name']] })).rejects.toMatchObject(refused);
    await expect(models.open({ ...definition, indexes: [['owner']] })).rejects.toMatchObject(refused);
    expect((await model.get('a'))?.document).toEqual({ owner: [{ name: 'x' }] });
    await expect(models.open({ ...definition, indexes: [['status']] })).resolves.toBeDefined();
  });

  it('refuse a document that MongoDB cannot hold, and nothing of its step is written', async () => {
    const model = await (await open()).open(definition);
    let deep: JsonObject = {};
    for (let level = 0; level < 120; level++) deep = { deep };
    await expect(model.write([...step(1), { key: 'deep', document: deep, position: 1 }], 1)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    const large = { key: 'large', document: { text: 'x'.repeat(17_000_000) }, position: 1 };
    await expect(model.write([...step(1), large], 1)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await model.find({})).toEqual([]);
    expect(await model.checkpoint()).toBe(-1);
  });

  it('of another version are dropped by the next to open when the promotion was cut off after the switch', async () => {
    const old = await (await open()).open(definition);
    await old.write(step(1), 1);
    const models = await open(await database.connect());
    const renewed = await models.open({ ...definition, version: 2 });
    await renewed.write(step(5), 5);
    const names = raw('read_models');
    const record = await names.findOne({ _id: 'runs' });
    const [first, second] = record?.['versions'] as readonly object[];
    await names.updateOne(
      { _id: 'runs' },
      { $set: { live: 2, versions: [second], dropped: [{ ...first, atMs: runtime.clock.now() }], revision: next(record) } },
    );
    await (await open()).open({ ...definition, version: 2 });
    await expect(old.get('k0')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
    expect(await collections()).toEqual([expect.stringMatching(/^rm_runs_v2_/)]);
    expect(await positions(renewed)).toEqual(step(5).map(() => 5));
  });

  it('are not made anew by a writer that goes on after its version was dropped', async () => {
    const old = await (await open()).open(definition);
    await old.write(step(1), 1);
    const models = await open(await database.connect());
    await models.open({ ...definition, version: 2 });
    const writing = Array.from({ length: 20 }, (_, index) => old.write(step(2 + index), 2 + index).catch((error: unknown) => error));
    await models.promote('runs', 2);
    await Promise.all(writing);
    await expect(old.write(step(50), 50)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
    expect(await collections()).toEqual([expect.stringMatching(/^rm_runs_v2_/)]);
  });

  it('are opened once however many processes open them at the same time', async () => {
    const connections = await Promise.all(Array.from({ length: 4 }, () => database.connect()));
    const models = await Promise.all(connections.map(async (connection) => (await open(connection)).open(definition)));
    expect(await collections()).toHaveLength(1);
    await models[0]?.write(step(1), 1);
    for (const model of models) expect(await model.checkpoint()).toBe(1);
  });
});
