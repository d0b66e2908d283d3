import { TuttiError } from '@tutti/kernel';
import mongoose, { type Connection, type Model } from 'mongoose';
import type { DocumentWrite } from '../read-models.port.js';
import { isDuplicateKey } from './mongo-errors.js';

/** A step that is decided: it has happened, though not all documents may show it yet. Whoever comes next writes them. */
export interface Redo {
  readonly checkpoint: number;
  /** JSON of the writes; null where it is in so many parts of its own. */
  readonly writes: string | null;
  readonly parts: number;
}

/** How far a collection of documents is. There as long as the collection is in use. */
export interface Head {
  readonly _id: string;
  /** Counts changes: each is made only to the state that it was decided on. */
  readonly revision: number;
  readonly checkpoint: number;
  readonly redo: Redo | null;
}

interface RedoPart {
  /** `<collection>/<revision of the head it was made for>/<number>` */
  readonly _id: string;
  readonly bytes: Buffer;
}

const redoSchema = new mongoose.Schema<Redo>(
  { checkpoint: { type: Number, required: true }, writes: { type: String, default: null }, parts: { type: Number, required: true } },
  { _id: false },
);
const headSchema = new mongoose.Schema<Head>(
  {
    _id: { type: String, required: true },
    revision: { type: Number, required: true },
    checkpoint: { type: Number, required: true },
    redo: { type: redoSchema, default: null },
  },
  { collection: 'read_model_heads', versionKey: false, minimize: false },
);
const partSchema = new mongoose.Schema<RedoPart>(
  { _id: { type: String, required: true }, bytes: { type: Buffer, required: true } },
  { collection: 'read_model_redo', versionKey: false },
);

/** Writes of a step that stand in the head itself; more go into parts of this size. A document of MongoDB has at most 16 MiB. */
const PART_BYTES = 8 * 1024 * 1024;

export class Heads {
  readonly #heads: Model<Head>;
  readonly #parts: Model<RedoPart>;
  readonly #partBytes: number;

  constructor(connection: Connection, partBytes = PART_BYTES) {
    this.#heads = (connection.models['ReadModelHead'] as Model<Head> | undefined) ?? connection.model<Head>('ReadModelHead', headSchema);
    this.#parts =
      (connection.models['ReadModelRedo'] as Model<RedoPart> | undefined) ?? connection.model<RedoPart>('ReadModelRedo', partSchema);
    this.#partBytes = partBytes;
  }

  /** Null once the collection is dropped. */
  async read(id: string): Promise<Head | null> {
    return this.#heads.findById(id).lean<Head>().exec();
  }

  async checkpoint(id: string): Promise<number | null> {
    const head = await this.#heads.findById(id, { checkpoint: 1 }).lean<Pick<Head, 'checkpoint'>>().exec();
    return head?.checkpoint ?? null;
  }

  async create(id: string): Promise<void> {
    try {
      await this.#heads.create([{ _id: id, revision: 1, checkpoint: -1, redo: null }]);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async remove(id: string): Promise<void> {
    await this.#heads.deleteOne({ _id: id });
    await this.#removeParts(id, () => true);
  }

  /** Changes a head that is still as it was read; null where somebody else was first. */
  async change(head: Head, changed: Partial<Pick<Head, 'checkpoint' | 'redo'>>): Promise<Head | null> {
    const set = { ...changed, revision: head.revision + 1 };
    const { matchedCount } = await this.#heads.updateOne({ _id: head._id, revision: head.revision }, { $set: set });
    return matchedCount === 1 ? { ...head, ...set } : null;
  }

  /** What the head is to hold for a step; puts parts beside it where it is large. */
  async makeRedo(head: Head, writes: string, checkpoint: number): Promise<Redo> {
    if (Buffer.byteLength(writes) <= this.#partBytes) return { checkpoint, writes, parts: 0 };
    const bytes = Buffer.from(writes);
    const parts = Math.ceil(bytes.length / this.#partBytes);
    for (let part = 0; part < parts; part++) {
      const _id = `${head._id}/${head.revision}/${part}`;
      await this.#parts.replaceOne(
        { _id },
        { _id, bytes: bytes.subarray(part * this.#partBytes, (part + 1) * this.#partBytes) },
        { upsert: true },
      );
    }
    return { checkpoint, writes: null, parts };
  }

  /** @throws TuttiError DATA_DAMAGED when a part is missing */
  async readRedo(head: Head, redo: Redo): Promise<readonly DocumentWrite[]> {
    if (redo.writes !== null) return JSON.parse(redo.writes) as readonly DocumentWrite[];
    const all: Buffer[] = [];
    for (let part = 0; part < redo.parts; part++) {
      // The parts were made for the head as it was before it named them.
      const found = await this.#parts.findById(`${head._id}/${head.revision - 1}/${part}`).exec();
      if (found === null) {
        const message = `part ${part} of ${redo.parts} of the step to ${redo.checkpoint} of read model collection ${head._id} is missing`;
        throw new TuttiError('DATA_DAMAGED', `${message}; give the projection a new version, or drop its collections`);
      }
      all.push(found.bytes);
    }
    return JSON.parse(Buffer.concat(all).toString()) as readonly DocumentWrite[];
  }

  /** Removes parts that no head names, and none will: those made for a head that has changed since. */
  async removeOldParts(head: Head): Promise<void> {
    await this.#removeParts(head._id, (revision) => revision < (head.redo === null ? head.revision : head.revision - 1));
  }

  async #removeParts(id: string, isOld: (revision: number) => boolean): Promise<void> {
    // '0' is what follows '/'.
    const found = await this.#parts
      .find({ _id: { $gte: `${id}/`, $lt: `${id}0` } }, { _id: 1 })
      .lean()
      .exec();
    const old = found.map(({ _id }) => _id).filter((part) => isOld(Number(part.split('/')[1])));
    if (old.length > 0) await this.#parts.deleteMany({ _id: { $in: old } });
  }
}
