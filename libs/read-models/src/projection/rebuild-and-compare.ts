import type { EventStore } from '@tutti/event-store';
import { canonicalJson, TuttiError, type JsonObject, type Runtime } from '@tutti/kernel';
import type { ReadModel, ReadModels, StoredDocument } from '../read-models.port.js';
import { foldEvents, touchedKeys, type FoldedDocument } from './projection-fold.js';
import type { Projection } from './projection.js';

export interface RebuildAndCompareOptions<Doc extends JsonObject> {
  readonly projection: Projection<Doc>;
  readonly store: Pick<EventStore, 'readAll'>;
  readonly readModels: ReadModels;
  readonly runtime: Pick<Runtime, 'timers'>;
}

const CHUNK = 200;
const EVENTS_PER_TURN = 500;
const MOST_TRIES = 100;

/**
 * Folds the whole store again, in memory, and answers the keys under which the stored documents of this version are other than they should be, missing ones and
 * ones too many included, sorted. May run while the projection does: every document is compared at the position it was read at.
 *
 * @throws TuttiError OVERLOADED when the projection moves on so fast that no moment between two steps could be caught · INTERNAL for an event it cannot fold
 */
export async function rebuildAndCompare<Doc extends JsonObject>({
  projection,
  store,
  readModels,
  runtime,
}: RebuildAndCompareOptions<Doc>): Promise<readonly string[]> {
  const model = await readModels.open<Doc>(projection);
  const rebuilt = new Map<string, FoldedDocument<Doc>>();
  const nextTurn = () => new Promise<void>((resolve) => runtime.timers.soon(resolve));
  let position = -1;

  const foldUpTo = async (checkpoint: number) => {
    if (checkpoint <= position) return;
    let events = 0;
    for await (const event of store.readAll({ from: position + 1, filter: projection.handles })) {
      if (event.position > checkpoint) break;
      foldEvents(projection, touchedKeys(projection, [event]), rebuilt);
      if (++events % EVENTS_PER_TURN === 0) await nextTurn();
    }
    position = checkpoint;
  };
  const differing = async (keys: readonly string[]) => {
    const { stored, checkpoint } = await readBetweenSteps(model, keys, nextTurn);
    await foldUpTo(checkpoint);
    return keys.filter((key) => textOf(stored.get(key)?.document) !== textOf(rebuilt.get(key)?.document));
  };

  const found = new Set<string>();
  const compared = new Set<string>();
  const compare = async (keys: readonly string[]) => {
    for (const key of await differing(keys)) found.add(key);
    for (const key of keys) compared.add(key);
  };
  for (
    let page = await model.find({ limit: CHUNK });
    page.length > 0;
    page = await model.find({ limit: CHUNK, after: page.at(-1)?.cursor ?? '' })
  ) {
    await compare(page.map(({ key }) => key));
  }
  await foldUpTo(await model.checkpoint());
  const unseen = [...rebuilt.keys()].filter((key) => !compared.has(key));
  for (let start = 0; start < unseen.length; start += CHUNK) await compare(unseen.slice(start, start + CHUNK));
  return [...found].sort();
}

/** Documents and the checkpoint they belong to: no step came between. */
async function readBetweenSteps<Doc extends JsonObject>(
  model: ReadModel<Doc>,
  keys: readonly string[],
  nextTurn: () => Promise<void>,
): Promise<{ readonly stored: ReadonlyMap<string, StoredDocument<Doc>>; readonly checkpoint: number }> {
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const checkpoint = await model.checkpoint();
    const documents = await model.getMany(keys);
    if ((await model.checkpoint()) === checkpoint) return { stored: new Map(documents.map((stored) => [stored.key, stored])), checkpoint };
    await nextTurn();
  }
  throw new TuttiError(
    'OVERLOADED',
    `the read model moved on during each of ${MOST_TRIES} attempts to read ${keys.length} documents at one position`,
  );
}

function textOf(document: JsonObject | null | undefined): string {
  return document === null || document === undefined ? '' : canonicalJson(document);
}
