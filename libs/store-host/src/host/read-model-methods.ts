import type { DocumentWrite, Query, ReadModel, ReadModelDefinition } from '@tutti/read-models';
import { TuttiError } from '@tutti/kernel';
import type { StorePorts } from '../store-ports.js';
import { sendList } from './event-streams.js';
import type { HostMethods } from './host-methods.js';

const MAX_OPEN_MODELS = 1_000;

/** For one connection: what it has opened is named by numbers, and forgotten with it. */
export function readModelMethods({ readModels }: StorePorts): HostMethods {
  const opened: ReadModel[] = [];
  const open = async (definition: ReadModelDefinition): Promise<number> => {
    if (opened.length >= MAX_OPEN_MODELS)
      throw new TuttiError('OVERLOADED', `${opened.length} read models are open on one connection already`);
    return opened.push(await readModels.open(definition)) - 1;
  };
  const model = (handle: unknown): ReadModel => {
    const found = opened[handle as number];
    if (found === undefined) throw new TuttiError('INVALID_REQUEST', `read model ${String(handle)} is not open on this connection`);
    return found;
  };
  return {
    calls: {
      'models.open': ([definition]) => open(definition as ReadModelDefinition),
      // For a model that was opened on a connection before: it may have been dropped meanwhile, and must not come back empty.
      'models.reopen': async ([definition]) => {
        const { name, version } = definition as ReadModelDefinition;
        const live = await readModels.liveVersion(name);
        if (live === null || version >= live) return open(definition as ReadModelDefinition);
        throw new TuttiError(
          'STORE_UNAVAILABLE',
          `version ${live} of read model ${name} was promoted, version ${version} is gone; open the live one`,
        );
      },
      'models.liveVersion': ([name]) => readModels.liveVersion(name as string),
      'models.promote': ([name, version]) => readModels.promote(name as string, version as number),
      'model.get': async ([handle, key]) => model(handle).get(key as string),
      'model.write': async ([handle, writes, checkpoint]) => model(handle).write(writes as readonly DocumentWrite[], checkpoint as number),
      'model.checkpoint': async ([handle]) => model(handle).checkpoint(),
    },
    streams: {
      'model.getMany': async ([handle, keys], stream) => sendList(await model(handle).getMany(keys as readonly string[]), stream),
      'model.find': async ([handle, query], stream) => sendList(await model(handle).find(query as Query), stream),
    },
  };
}
