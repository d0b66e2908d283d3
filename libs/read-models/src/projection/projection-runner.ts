import type { EventStore } from '@tutti/event-store';
import { TuttiError, type JsonObject, type Runtime } from '@tutti/kernel';
import type { ReadModels } from '../read-models.port.js';
import { FollowingProjection } from './following-projection.js';
import type { Gathering } from './gathering.js';
import type { Projection } from './projection.js';
import type { ProjectionLogger, RunningProjection } from './running-projection.js';

export interface StartProjectionOptions<Doc extends JsonObject> {
  readonly projection: Projection<Doc>;
  readonly store: Pick<EventStore, 'subscribe' | 'head'>;
  readonly readModels: ReadModels;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger?: ProjectionLogger;
  /** Most events folded into one step. Default 500; a step is one transaction and holds the thread of an embedded adapter. */
  readonly maxBatch?: number;
  /** Most documents kept in memory between steps. Default 1,000. */
  readonly cachedDocuments?: number;
  /** A checkpoint that no document came with is written this late. Default 1,000. */
  readonly idleCheckpointMs?: number;
  /** Lets events gather between steps once it follows. Default: each step begins as soon as there is something to fold. Whoever made it tells it to hurry. */
  readonly gathering?: Gathering;
  /** Another process may fold it at the same time for a moment, as one that has not noticed yet that its turn is over. Default: this is the only writer. */
  readonly othersMayWrite?: boolean;
  /** Called when the position or the state may have changed. */
  readonly onChange?: () => void;
}

const DEFAULT_MAX_BATCH = 500;
const DEFAULT_CACHED_DOCUMENTS = 1_000;
const DEFAULT_IDLE_CHECKPOINT_MS = 1_000;

/**
 * Keeps one projection's documents up with the store. The only writer of its version: start it once. A first version is live at once; a later one is built
 * beside the live one and takes its place when it has everything that was in the store at its start.
 *
 * An event that the projection throws on stops this projection, not the process: everything before the event is folded, `status` names it, and a corrected
 * projection goes on from there. Failures of the ports that may pass are tried again, with growing pauses.
 *
 * @throws TuttiError DATA_DAMAGED when the documents are ahead of the store, so they are of another or a later one
 */
export async function startProjection<Doc extends JsonObject>(options: StartProjectionOptions<Doc>): Promise<RunningProjection<Doc>> {
  const { projection, store, readModels, runtime } = options;
  const { name, version } = projection;
  const model = await readModels.open<Doc>(projection);
  const checkpoint = await model.checkpoint();
  const target = await store.head();
  if (checkpoint > target) {
    throw new TuttiError(
      'DATA_DAMAGED',
      `read model ${name} v${version} is at position ${checkpoint}, the event store ends at ${target}; remove the read models, they are rebuilt`,
    );
  }
  const live = await readModels.liveVersion(name);
  if (live === null) await readModels.promote(name, version);
  const following = new FollowingProjection<Doc>({
    projection,
    store,
    model,
    runtime,
    logger: options.logger ?? null,
    maxBatch: options.maxBatch ?? DEFAULT_MAX_BATCH,
    cachedDocuments: options.cachedDocuments ?? DEFAULT_CACHED_DOCUMENTS,
    idleCheckpointMs: options.idleCheckpointMs ?? DEFAULT_IDLE_CHECKPOINT_MS,
    gathering: options.gathering ?? null,
    othersMayWrite: options.othersMayWrite ?? false,
    checkpoint,
    target,
    onChange: options.onChange ?? (() => undefined),
    promote: async () => {
      if ((await readModels.liveVersion(name)) !== version) await readModels.promote(name, version);
    },
  });
  await following.start();
  return following;
}
