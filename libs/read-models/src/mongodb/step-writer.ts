import { TuttiError, type Runtime } from '@tutti/kernel';
import mongoose, { type mongo } from 'mongoose';
import type { DocumentWrite } from '../read-models.port.js';
import { settled, type CollectionHead, type Head, type Redo } from './head.js';
import { isDuplicateKey } from './mongo-errors.js';
import { encodeNames, type MongoDocument } from './stored-document.js';

interface StepWriterParts {
  readonly id: string;
  readonly head: CollectionHead;
  readonly documents: mongo.Collection<MongoDocument>;
  readonly runtime: Pick<Runtime, 'clock'>;
  /** Throws what says that the collection is dropped, having dropped what a late write may have made anew. */
  readonly gone: () => Promise<never>;
}

/** A removal is remembered at least so long, for a writer that was stopped in the middle of a step and goes on. */
const REMOVALS_KEPT_MS = 600_000;
const FORGET_EVERY_MS = 60_000;
const MOST_TRIES = 50;

/**
 * Steps, whole or not at all, on servers without transactions. A step is decided by one change of the head, which names all that it changes; then the
 * documents follow, each only where it is older; then the checkpoint moves and the record goes. These are the operations of one ordered command, which ends
 * at the first that fails; a server that dies in it leaves some of them undone. Whoever finds a record writes its documents first, so it does not matter who
 * decided it. Nothing here is right or wrong by who writes: the head changes only from the state that a change was decided on, and a document only to a
 * later position.
 */
export class StepWriter {
  readonly #parts: StepWriterParts;
  /** As it was when this writer last saw it; null when it has to be read. */
  #head: Head | null = null;
  /** Removals may be remembered that can be forgotten. */
  #removals = true;
  #forgotAt = -Infinity;

  constructor(parts: StepWriterParts) {
    this.#parts = parts;
  }

  /** Brings about what was decided and not finished, by whomever. */
  async finish(): Promise<void> {
    const head = await this.#read();
    await this.#parts.head.removeOldParts(head);
    this.#head = await this.#settled(head);
  }

  async write(writes: readonly DocumentWrite[], json: string, checkpoint: number): Promise<void> {
    let known = this.#head;
    this.#head = null;
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const head = await this.#settled(known ?? (await this.#read()));
      known = null;
      if (checkpoint < head.checkpoint || (writes.length === 0 && checkpoint === head.checkpoint)) {
        this.#head = head;
        return;
      }
      this.#removals ||= writes.some(({ document }) => document === null);
      const after = await (writes.length === 0
        ? this.#parts.head.change(head, { checkpoint })
        : this.#step(head, writes, json, checkpoint));
      if (after === null) continue;
      this.#head = after;
      return checkpoint > head.checkpoint ? this.#forget(head.checkpoint) : undefined;
    }
    throw new TuttiError(
      'OVERLOADED',
      `collection ${this.#parts.id} was moved on by other writers during each of ${MOST_TRIES} attempts to write`,
    );
  }

  /** Decides the step and brings it about. Null where the head had changed: nothing is decided. */
  async #step(before: Head, writes: readonly DocumentWrite[], json: string, checkpoint: number): Promise<Head | null> {
    const { head, documents } = this.#parts;
    const redo = await head.makeRedo(before, json, checkpoint);
    const decided: Head = { ...before, redo, revision: before.revision + 1 };
    const replacements = this.#replacements(writes);
    const operations = [head.decision(before, redo), ...replacements.map(upsert), head.settlement(decided, redo)];
    try {
      const { matchedCount, upsertedCount } = await documents.bulkWrite(operations as mongo.AnyBulkWriteOperation<MongoDocument>[], {
        ordered: true,
      });
      if (matchedCount + upsertedCount === operations.length)
        return await this.#withoutParts({ ...decided, ...settled(decided, redo), revision: decided.revision + 1 }, redo);
    } catch (error) {
      const failed = failedPlace(error);
      if (failed === 0) {
        const now = await this.#read();
        if (now.revision !== before.revision) return null;
      }
      if (failed === null || failed === 0 || !isDuplicateKey(error)) throw error;
      // Decided; a document was there already, as new or newer, or made at the same moment.
      return this.#settled(decided, writes);
    }
    // Somebody else found the record, and has finished the step.
    return this.#settled(await this.#read());
  }

  /** The head with no step left to do. */
  async #settled(head: Head, known?: readonly DocumentWrite[]): Promise<Head> {
    let current = head;
    let writes = known;
    while (current.redo !== null) {
      const { redo } = current;
      const decided: readonly DocumentWrite[] | null = writes ?? (await this.#parts.head.readRedo(current, redo));
      if (decided === null) {
        current = await this.#unlessLost(current, redo);
        continue;
      }
      await this.#apply(decided);
      const moved = await this.#parts.head.change(current, settled(current, redo));
      current = moved === null ? await this.#read() : await this.#withoutParts(moved, redo);
      writes = undefined;
    }
    return current;
  }

  /** The head as somebody else has left it, who has finished the step. @throws TuttiError DATA_DAMAGED where nobody has, and its parts are missing */
  async #unlessLost(head: Head, redo: Redo): Promise<Head> {
    const now = await this.#read();
    if (now.revision !== head.revision) return now;
    const message = `of the ${redo.parts} parts of the step to ${redo.checkpoint} of read model collection ${this.#parts.id} not all are there`;
    throw new TuttiError('DATA_DAMAGED', `${message}; give the projection a new version, or drop its collections`);
  }

  async #withoutParts(moved: Head, redo: Redo): Promise<Head> {
    if (redo.parts > 0) await this.#parts.head.removeOldParts(moved);
    return moved;
  }

  async #read(): Promise<Head> {
    return (await this.#parts.head.read()) ?? this.#parts.gone();
  }

  async #apply(writes: readonly DocumentWrite[]): Promise<void> {
    const replacements = this.#replacements(writes);
    try {
      await this.#parts.documents.bulkWrite(replacements.map(upsert), { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.#applyOneByOne(replacements);
    }
  }

  /** After some were refused since a document is there already: it is as new or newer, or somebody made it at the same moment. */
  async #applyOneByOne(replacements: readonly Replacement[]): Promise<void> {
    const { documents } = this.#parts;
    const keys = replacements.map(({ filter }) => filter._id);
    const found = await documents.find({ _id: { $in: keys } }, { projection: { position: 1 } }).toArray();
    const positions = new Map(found.map(({ _id, position }) => [_id, position]));
    for (const { filter, replacement } of replacements) {
      if ((positions.get(filter._id) ?? -1) >= replacement.position) continue;
      try {
        await documents.replaceOne(filter, replacement, { upsert: true });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        await documents.replaceOne(filter, replacement);
      }
    }
  }

  /** The newest of each key, the first of those at one position. */
  #replacements(writes: readonly DocumentWrite[]): readonly Replacement[] {
    const newest = new Map<string, DocumentWrite>();
    for (const write of writes) if (write.position > (newest.get(write.key)?.position ?? -1)) newest.set(write.key, write);
    const removedAt = this.#parts.runtime.clock.now();
    return [...newest.values()].map(({ key, position, document }) => ({
      filter: { _id: key, position: { $lt: position } },
      replacement: document === null ? { position, removedAt } : { position, document: encodeNames(document) },
    }));
  }

  /** Repeats of steps before this one are known by their checkpoint, so what they removed need not be remembered; now and then that is looked through. */
  async #forget(upTo: number): Promise<void> {
    const now = this.#parts.runtime.clock.now();
    if (!this.#removals || now - this.#forgotAt < FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    const { documents } = this.#parts;
    await documents.deleteMany({ removedAt: { $lt: now - REMOVALS_KEPT_MS }, position: { $lte: upTo } });
    this.#removals = (await documents.findOne({ removedAt: { $gt: 0 } }, { projection: { _id: 1 } })) !== null;
  }
}

interface Replacement {
  readonly filter: { readonly _id: string; readonly position: { readonly $lt: number } };
  readonly replacement: Omit<MongoDocument, '_id'>;
}

const upsert = (replaceOne: Replacement) => ({ replaceOne: { ...replaceOne, upsert: true } });

/** Which operation of an ordered command failed; null where it is not the server that refused one. */
function failedPlace(error: unknown): number | null {
  if (!(error instanceof mongoose.mongo.MongoBulkWriteError)) return null;
  const [first] = [error.writeErrors].flat();
  return first?.index ?? null;
}
