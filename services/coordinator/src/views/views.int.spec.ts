import { describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { JsonObject } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createProjectionHost } from '@tutti/read-models';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import { runsProjection } from './runs.projection.js';
import { Views } from './views.js';

describe('the coordinator’s views', () => {
  it('answer from the live version as long as another is built beside it, and from that once it is whole', async () => {
    const runtime = createManualRuntime();
    const store = createInMemoryEventStore(runtime);
    const readModels = createInMemoryReadModels();
    const host = createProjectionHost({ store, readModels, runtime });
    const views = new Views(host, readModels);
    await views.start();
    const write = async (version: number, status: string): Promise<void> => {
      const model = await readModels.open<JsonObject>({ ...runsProjection, version });
      await model.write([{ key: 'r1', document: { workflow: 'wf', status, startedAt: 't' }, position: 1 }], 1);
    };
    const listed = async (): Promise<unknown> =>
      (await (await views.at('runs', 0)).model.find({ filter: { status: { $in: ['old', 'new'] } } })).map(
        ({ document }) => document.status,
      );
    await write(runsProjection.version, 'old');
    await write(runsProjection.version + 1, 'new');
    expect(await listed()).toEqual(['old']);
    await readModels.promote('runs', runsProjection.version + 1);
    expect(await listed()).toEqual(['new']);
    await views.stop();
    await store.close();
  });

  it('answer SHUTTING_DOWN before their start and after their stop', async () => {
    const runtime = createManualRuntime();
    const store = createInMemoryEventStore(runtime);
    const readModels = createInMemoryReadModels();
    const views = new Views(createProjectionHost({ store, readModels, runtime }), readModels);
    expect(() => views.views).toThrow(expect.objectContaining({ code: 'SHUTTING_DOWN' }));
    await views.start();
    expect(views.all()).toHaveLength(Object.keys(views.views).length);
    await views.stop();
    await expect(views.at('runs', 0)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await store.close();
  });

  it('wait for the position that a query must see, up to their limit', async () => {
    const runtime = createManualRuntime();
    const store = createInMemoryEventStore(runtime);
    const readModels = createInMemoryReadModels();
    const views = new Views(createProjectionHost({ store, readModels, runtime }), readModels);
    await views.start();
    const late = expect(views.at('tasks', 1_000)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    for (let second = 0; second < 6; second++) await runtime.advance(1_000);
    await late;
    await views.stop();
    await store.close();
  });
});
