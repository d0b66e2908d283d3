import { describe, expect, it } from '@jest/globals';
import { TuttiError, type JsonObject } from '@tutti/kernel';
import { createLiveReadModel } from './live-read-model.js';
import { createInMemoryReadModels } from './in-memory/in-memory-read-models.js';
import type { ReadModel, ReadModelDefinition, ReadModels } from './read-models.port.js';

const v1 = { name: 'runs', version: 1, indexes: [] };
const v2 = { name: 'runs', version: 2, indexes: [['status']] };

describe('the live read model', () => {
  it('answers from the live version, with the indexes of today, and from the new one after its promotion', async () => {
    const readModels = createInMemoryReadModels();
    const old = await readModels.open(v1);
    await old.write([{ key: 'a', document: { status: 'old' }, position: 1 }], 1);
    await readModels.promote('runs', 1);
    const renewed = await readModels.open(v2);
    const live = createLiveReadModel(readModels, v2);
    expect((await live.find({ filter: { status: 'old' } })).map(({ key }) => key)).toEqual(['a']);
    await renewed.write([{ key: 'a', document: { status: 'new' }, position: 1 }], 1);
    await readModels.promote('runs', 2);
    expect((await live.get('a'))?.document).toEqual({ status: 'new' });
    expect(await live.getMany(['a'])).toHaveLength(1);
  });

  it('never answers from a version that is being dropped', async () => {
    const readModels = createInMemoryReadModels();
    let version = 1;
    await (await readModels.open(v1)).write([{ key: 'a', document: { version }, position: 1 }], 1);
    await readModels.promote('runs', 1);
    const live = createLiveReadModel(readModels, v1);
    const answers: unknown[] = [];
    for (version = 2; version < 20; version++) {
      await (await readModels.open({ ...v1, version })).write([{ key: 'a', document: { version }, position: 1 }], 1);
      const [found] = await Promise.all([live.get('a'), readModels.promote('runs', version)]);
      answers.push(found?.document['version']);
    }
    expect(answers.filter((answer, index) => answer !== index + 1 && answer !== index + 2)).toEqual([]);
  });

  it('answers from the definition’s own version before any is live, and passes refusals on', async () => {
    const readModels = createInMemoryReadModels();
    const live = createLiveReadModel(readModels, v1);
    expect(await live.get('a')).toBeNull();
    await expect(live.find({ filter: { status: 'x' } })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('fails at once when the storage is away, instead of waiting for it again and again', async () => {
    const readModels = createInMemoryReadModels();
    let asked = 0;
    const away: ReadModels = {
      ...readModels,
      async open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>> {
        const get = async () => {
          asked += 1;
          throw new TuttiError('STORE_UNAVAILABLE', 'no server', { retryable: true });
        };
        return { ...(await readModels.open<Doc>(definition)), get };
      },
    };
    await expect(createLiveReadModel(away, v1).get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(asked).toBe(1);
  });
});
