import { isTuttiError, type JsonObject } from '@tutti/kernel';
import type { ReadModel, ReadModelDefinition, ReadModels } from './read-models.port.js';

/** The reading half of whichever version is live. */
export type LiveReadModel<Doc extends JsonObject = JsonObject> = Pick<ReadModel<Doc>, 'get' | 'getMany' | 'find'>;

const MOST_TRIES = 5;

/**
 * Answers every call from the version that is live then, also while another takes its place; from the definition's own before any is. Indexes the
 * definition declares are added to the live version where it lacks them, so a query of today runs on the documents of yesterday.
 */
export function createLiveReadModel<Doc extends JsonObject>(readModels: ReadModels, definition: ReadModelDefinition): LiveReadModel<Doc> {
  let opened: { readonly version: number; readonly model: ReadModel<Doc> } | null = null;

  const live = async () => {
    for (;;) {
      const version = (await readModels.liveVersion(definition.name)) ?? definition.version;
      if (opened?.version === version) return opened.model;
      const model = await readModels.open<Doc>({ ...definition, version });
      // A promotion between the two calls has dropped this version, and opening made it anew, empty.
      const now = await readModels.liveVersion(definition.name);
      if (now === null || now === version) opened = { version, model };
    }
  };
  const answer = async <Result>(ask: (model: ReadModel<Doc>) => Promise<Result>): Promise<Result> => {
    for (let attempt = 1; ; attempt++) {
      const model = await live();
      try {
        return await ask(model);
      } catch (error) {
        // Retryable: the storage itself is away, and has been waited for already.
        if (!isTuttiError(error, 'STORE_UNAVAILABLE') || error.retryable || attempt === MOST_TRIES) throw error;
        opened = null;
      }
    }
  };
  return {
    get: (key) => answer((model) => model.get(key)),
    getMany: (keys) => answer((model) => model.getMany(keys)),
    find: (query) => answer((model) => model.find(query)),
  };
}
