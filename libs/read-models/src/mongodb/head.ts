import mongoose, { type Connection, type Model, type mongo } from 'mongoose';
import type { DocumentWrite } from '../read-models.port.js';
import { isDuplicateKey } from './mongo-errors.js';

/** A step that is decided: it has happened, though not all documents may show it yet. Whoever comes next writes them. */
export interface Redo {
  readonly checkpoint: number;
  /** JSON of the writes; null where it is in so many parts of its own. */
  readonly writes: string | null;
  readonly parts: number;
  /** Names the parts, so that two who make some for the same head do not mix theirs. Empty without parts. */
  readonly mark: string;
}

/** How far a collection of documents is. */
export interface Head {
  /** Counts changes: each is made only to the state that it was decided on. */
  readonly revision: number;
  readonly checkpoint: number;
  readonly redo: Redo | null;
}

/** Keys are text, so no document of the read model is in its place. */
export const HEAD_ID = 0;

/** It stands in the collection that it is of: it comes and goes with it, and one command can change both. */
export interface HeadDocument extends Head {
  readonly _id: typeof HEAD_ID;
  /** Finds leave it out, as they leave out what was removed. */
  readonly removedAt: 0;
  /** See {@link CollectionHead.decision}. */
  readonly there: readonly [1];
}

interface RedoPart {
  /** `<collection>/<revision of the head it was made for>/<mark>/<number>` */
  readonly _id: string;
  readonly bytes: Buffer;
}

const partSchema = new mongoose.Schema<RedoPart>(
  { _id: { type: String, required: true }, bytes: { type: Buffer, required: true } },
  { collection: 'read_model_redo', versionKey: false },
);

/** Writes of a step that stand in the head itself; more go into parts of this size. A document of MongoDB has at most 16 MiB. */
const PART_BYTES = 8 * 1024 * 1024;

type HeadUpdate = { readonly updateOne: mongo.UpdateOneModel<HeadDocument> };

export class CollectionHead {
  readonly #id: string;
  readonly #heads: mongo.Collection<HeadDocument>;
  readonly #parts: Model<RedoPart>;
  readonly #partBytes: number;

  /** @param id of the collection, which its parts are named by */
  constructor(connection: Connection, id: string, heads: mongo.Collection<HeadDocument>, partBytes = PART_BYTES) {
    this.#id = id;
    this.#heads = heads;
    this.#parts =
      (connection.models['ReadModelRedo'] as Model<RedoPart> | undefined) ?? connection.model<RedoPart>('ReadModelRedo', partSchema);
    this.#partBytes = partBytes;
  }

  /** Null once the collection is dropped. */
  async read(): Promise<Head | null> {
    return this.#heads.findOne({ _id: HEAD_ID });
  }

  async checkpoint(): Promise<number | null> {
    const head = await this.#heads.findOne({ _id: HEAD_ID }, { projection: { checkpoint: 1 } });
    return head?.checkpoint ?? null;
  }

  async create(): Promise<void> {
    try {
      await this.#heads.insertOne({ _id: HEAD_ID, revision: 1, checkpoint: -1, redo: null, removedAt: 0, there: [1] });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** Changes a head that is still as it was read; null where somebody else was first. */
  async change(head: Head, changed: Partial<Pick<Head, 'checkpoint' | 'redo'>>): Promise<Head | null> {
    const { filter, update } = changeOf(head, changed).updateOne;
    const { matchedCount } = await this.#heads.updateOne(filter, update);
    return matchedCount === 1 ? { ...head, ...changed, revision: head.revision + 1 } : null;
  }

  /**
   * The same change as an operation that fails where the head is not as it was read, so that of an ordered command nothing after it is carried out. A
   * change that matches nothing is no failure to MongoDB; but this one is to make the head then, from what its filter says, and a list cannot be added to
   * `there: 1`. So it makes nothing anew either where the collection was dropped.
   */
  decision(head: Head, redo: Redo): HeadUpdate {
    const { filter, update } = changeOf(head, { redo }).updateOne;
    return {
      updateOne: {
        filter: { ...filter, there: 1 },
        update: { ...update, $addToSet: { there: 1 } },
        upsert: true,
      },
    };
  }

  /** Ends a step that was decided: the checkpoint moves, and the record goes. */
  settlement(decided: Head, redo: Redo): HeadUpdate {
    return changeOf(decided, settled(decided, redo));
  }

  /** What the head is to hold for a step; puts parts beside it where it is large. */
  async makeRedo(head: Head, writes: string, checkpoint: number): Promise<Redo> {
    if (Buffer.byteLength(writes) <= this.#partBytes) return { checkpoint, writes, parts: 0, mark: '' };
    const mark = new mongoose.mongo.ObjectId().toHexString();
    const bytes = Buffer.from(writes);
    const parts = Math.ceil(bytes.length / this.#partBytes);
    for (let part = 0; part < parts; part++) {
      const _id = this.#partId(head.revision, mark, part);
      await this.#parts.replaceOne(
        { _id },
        { _id, bytes: bytes.subarray(part * this.#partBytes, (part + 1) * this.#partBytes) },
        { upsert: true },
      );
    }
    return { checkpoint, writes: null, parts, mark };
  }

  /** Null where a part is missing: the step was finished meanwhile, or it is lost. */
  async readRedo(head: Head, redo: Redo): Promise<readonly DocumentWrite[] | null> {
    if (redo.writes !== null) return JSON.parse(redo.writes) as readonly DocumentWrite[];
    const all: Buffer[] = [];
    for (let part = 0; part < redo.parts; part++) {
      // The parts were made for the head as it was before it named them.
      const found = await this.#parts.findById(this.#partId(head.revision - 1, redo.mark, part)).exec();
      if (found === null) return null;
      all.push(found.bytes);
    }
    return JSON.parse(Buffer.concat(all).toString()) as readonly DocumentWrite[];
  }

  /** Removes parts that no head names, and none will: those made for a head that has changed since. */
  async removeOldParts(head: Head): Promise<void> {
    await this.#removeParts((revision) => revision < (head.redo === null ? head.revision : head.revision - 1));
  }

  async removeAllParts(): Promise<void> {
    await this.#removeParts(() => true);
  }

  #partId(revision: number, mark: string, part: number): string {
    return `${this.#id}/${revision}/${mark}/${part}`;
  }

  async #removeParts(isOld: (revision: number) => boolean): Promise<void> {
    // '0' is what follows '/'.
    const found = await this.#parts
      .find({ _id: { $gte: `${this.#id}/`, $lt: `${this.#id}0` } }, { _id: 1 })
      .lean()
      .exec();
    const old = found.map(({ _id }) => _id).filter((part) => isOld(Number(part.split('/')[1])));
    if (old.length > 0) await this.#parts.deleteMany({ _id: { $in: old } });
  }
}

/** What ends a step. */
export function settled(decided: Head, redo: Redo): Pick<Head, 'checkpoint' | 'redo'> {
  return { checkpoint: Math.max(decided.checkpoint, redo.checkpoint), redo: null };
}

function changeOf(head: Head, changed: Partial<Pick<Head, 'checkpoint' | 'redo'>>): HeadUpdate {
  return {
    updateOne: { filter: { _id: HEAD_ID, revision: head.revision }, update: { $set: { ...changed, revision: head.revision + 1 } } },
  };
}
