import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import type { ReadModel } from '../read-models.port.js';
import { openEmbeddedReadModels, type EmbeddedReadModels } from './embedded-read-models.js';

const definition = { name: 'runs', version: 1, indexes: [['status', 'startedAt'], ['value']] };

let folder: string;
let file: string;
const opened: EmbeddedReadModels[] = [];
const runtime = createManualRuntime();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-read-models-'));
  file = join(folder, 'nested', 'read-models.db');
});
afterEach(async () => {
  for (const readModels of opened.splice(0)) await readModels.close();
  await rm(folder, { recursive: true });
});

async function open(at = file): Promise<EmbeddedReadModels> {
  const readModels = await openEmbeddedReadModels({ file: at, runtime });
  opened.push(readModels);
  return readModels;
}

/** Every document at the position of its step, so that any mix of two steps shows. */
function step(model: ReadModel, position: number): Promise<void> {
  return model.write(
    Array.from({ length: 10 }, (_, index) => ({
      key: `k${index}`,
      document: { position, status: `s${position % 3}`, filler: 'x'.repeat(300) },
      position,
    })),
    position,
  );
}

describe('the file of the embedded read models', () => {
  it('holds documents and checkpoint of the same step wherever a power failure cuts its log', async () => {
    const model = await (await open()).open(definition);
    for (let position = 0; position < 12; position++) await step(model, position);
    const { size } = await stat(`${file}-wal`);
    const image = join(folder, 'image.db');
    const log = await readFile(`${file}-wal`);
    const checkpoints = new Set<number>();
    for (let cut = 1; cut <= 24; cut++) {
      await copyFile(file, image);
      await rm(`${image}-shm`, { force: true });
      // An odd number of bytes more, so that pages and frames are torn as well.
      await writeFile(`${image}-wal`, log.subarray(0, Math.floor((size * cut) / 24) - ((24 - cut) % 5) * 7));
      const cutModels = await openEmbeddedReadModels({ file: image, runtime });
      const cutModel = await cutModels.open(definition);
      const checkpoint = await cutModel.checkpoint();
      const positions = (await cutModel.find({})).map(({ position, document }) => [position, document['position']]);
      expect(positions).toEqual(checkpoint < 0 ? [] : Array.from({ length: 10 }, () => [checkpoint, checkpoint]));
      expect(await cutModel.find({ filter: { status: `s${checkpoint % 3}` } })).toHaveLength(positions.length);
      checkpoints.add(checkpoint);
      await cutModels.close();
    }
    expect(Math.max(...checkpoints)).toBe(11);
    expect(checkpoints.size).toBeGreaterThan(5);
  });

  it('keeps no row of a removed document once a later step has moved the checkpoint past it', async () => {
    const model = await (await open()).open(definition);
    const rows = () => {
      const database = new DatabaseSync(file, { readOnly: true });
      const count = database.prepare('SELECT count(*) AS rows FROM documents_1').get()?.['rows'];
      database.close();
      return count;
    };
    await model.write([{ key: 'a', document: {}, position: 1 }], 1);
    await model.write([{ key: 'a', document: null, position: 2 }], 2);
    expect(rows()).toBe(1);
    await model.write([], 3);
    await model.write([], 4);
    expect(rows()).toBe(0);
  });

  it('moves its log into the file a second after a write, by a timer that closing ends', async () => {
    const readModels = await open();
    await step(await readModels.open(definition), 1);
    const before = (await stat(file)).size;
    await runtime.advance(1_000);
    expect((await stat(file)).size).toBeGreaterThan(before);
    expect(runtime.pending()).toBe(0);
    await step(await readModels.open(definition), 2);
    expect(runtime.pending()).toBe(1);
    await readModels.close();
    expect(runtime.pending()).toBe(0);
  });

  it('refuses every call after close with SHUTTING_DOWN', async () => {
    const readModels = await open();
    const model = await readModels.open(definition);
    await readModels.close();
    const calls = [
      () => readModels.open(definition),
      () => readModels.liveVersion('runs'),
      () => readModels.promote('runs', 1),
      () => model.get('a'),
      () => model.find({}),
      () => model.write([], 1),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('is refused with what to do when it is not a database', async () => {
    const notADatabase = join(folder, 'notes.db');
    await writeFile(notADatabase, 'not a database, and long enough to be seen as none at all. '.repeat(100));
    await expect(open(notADatabase)).rejects.toMatchObject({ code: 'DATA_DAMAGED', message: expect.stringContaining('delete the file') });
  });

  it('is refused when another format wrote it', async () => {
    await (await open()).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('format 99') });
  });

  it('is emptied, to be rebuilt, when an earlier format wrote it', async () => {
    const before = await open();
    const model = await before.open(definition);
    await model.write([{ key: 'a', document: { value: 1 }, position: 1 }], 1);
    await before.close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 1');
    database.close();
    const readModels = await open();
    expect(await (await readModels.open(definition)).checkpoint()).toBe(-1);
  });

  it('refuses a new index over documents that hold an array there, and stays as it was', async () => {
    const readModels = await open();
    const model = await readModels.open({ ...definition, indexes: [] });
    await model.write([{ key: 'a', document: { value: [1] }, position: 1 }], 1);
    await expect(readModels.open(definition)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('new version'),
    });
    expect((await model.get('a'))?.document).toEqual({ value: [1] });
    await expect(readModels.open({ ...definition, indexes: [['status']] })).resolves.toBeDefined();
  });
});
