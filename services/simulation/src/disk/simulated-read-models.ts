import { createInMemoryStorage, SOUND_RULES, type InMemoryStorage, type StorageRules } from '@tutti/read-models/in-memory';
import type { ReadModel, ReadModels } from '@tutti/read-models';
import { TuttiError, type JsonObject } from '@tutti/kernel';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';

type Commit = Parameters<StorageRules['commit']>;

interface Undo {
  readonly version: Commit[0];
  readonly checkpoint: number;
  readonly rows: readonly (readonly [key: string, row: ReturnType<Commit[0]['rows']['get']>])[];
}

/**
 * The read models of one server. Their durability lags behind: a crash takes back the newest steps, each whole, so that a checkpoint is never ahead of its documents.
 */
export class SimulatedReadModels {
  private readonly storage: InMemoryStorage;
  /** Steps that are not durable yet, oldest first. */
  private unflushed: Undo[] = [];
  /** Writes fail for now. */
  failing = false;

  constructor(
    private readonly chance: Chance,
    rules: StorageRules = SOUND_RULES,
  ) {
    this.storage = createInMemoryStorage({
      ...rules,
      commit: (state, writes, checkpoint, ...rest) => {
        const rows = writes.map(({ key }) => [key, state.rows.get(key)] as const);
        this.unflushed.push({ version: state, checkpoint: state.checkpoint, rows });
        if (this.chance.happens(0.3)) this.unflushed = [];
        return rules.commit(state, writes, checkpoint, ...rest);
      },
      afterCrash: () => this.takeBack(),
    });
  }

  /** The port, as one life of the server has it. The life before it, if any, has crashed. */
  connect(life: Life): ReadModels {
    const inner = this.storage.connect();
    return {
      open: async <Doc extends JsonObject>(definition: Parameters<ReadModels['open']>[0]) =>
        this.wrap(life, await inner.open<Doc>(definition)),
      liveVersion: (name) => inner.liveVersion(name),
      promote: (name, version) => inner.promote(name, version),
    };
  }

  private wrap<Doc extends JsonObject>(life: Life, model: ReadModel<Doc>): ReadModel<Doc> {
    return {
      get: (key) => model.get(key),
      getMany: (keys) => model.getMany(keys),
      find: (query) => model.find(query),
      checkpoint: () => model.checkpoint(),
      write: (writes, checkpoint) =>
        new Promise((resolve, reject) => {
          if (!life.call()) return;
          life.schedule(this.chance.skewed(0.05, 2), () => {
            if (this.failing) reject(new TuttiError('DISK_FULL', 'no room is left on the simulated disk'));
            else model.write(writes, checkpoint).then(resolve, reject);
          });
        }),
    };
  }

  private takeBack(): void {
    const lost = this.chance.int(0, this.unflushed.length);
    for (const { version, checkpoint, rows } of this.unflushed.splice(this.unflushed.length - lost).reverse()) {
      version.checkpoint = checkpoint;
      for (const [key, row] of rows) {
        if (row === undefined) version.rows.delete(key);
        else version.rows.set(key, row);
      }
    }
    this.unflushed = [];
  }
}
