import { TuttiError, type Runtime } from '@tutti/kernel';
import type { mongo } from 'mongoose';
import type { DocumentWrite } from '../read-models.port.js';
import type { Head, Heads, Redo } from './head.js';
import { isDuplicateKey } from './mongo-errors.js';
import { encodeNames, type MongoDocument } from './stored-document.js';

interface StepWriterParts {
  readonly id: string;
  readonly heads: Heads;
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
 * Steps, whole or not at all, on servers without transactions. A step is decided by one write to the head, which names all that it changes; then the
 * documents follow, each only where it is older; then the checkpoint moves and the record goes. Whoever finds a record writes its documents first, so it
 * does not matter who decided it. Nothing here is right or wrong by who writes: the head changes only from the state that a change was decided on, and a
 * document only to a later position.
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
    await this.#parts.heads.removeOldParts(head);
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
      if (writes.length === 0) {
        this.#head = await this.#parts.heads.change(head, { checkpoint });
        if (this.#head !== null) return this.#forget(head.checkpoint);
        continue;
      }
      const redo = await this.#parts.heads.makeRedo(head, json, checkpoint);
      const decided = await this.#parts.heads.change(head, { redo });
      if (decided === null) continue;
      this.#removals ||= writes.some(({ document }) => document === null);
      this.#head = await this.#settled(decided, writes);
      return checkpoint > head.checkpoint ? this.#forget(head.checkpoint) : undefined;
    }
    throw new TuttiError(
      'OVERLOADED',
      `collection ${this.#parts.id} was moved on by other writers during each of ${MOST_TRIES} attempts to write`,
    );
  }

  /** The head with no step left to do. */
  async #settled(head: Head, known?: readonly DocumentWrite[]): Promise<Head> {
    let settled = head;
    let writes = known;
    while (settled.redo !== null) {
      const { redo } = settled;
      await this.#apply(writes ?? (await this.#parts.heads.readRedo(settled, redo)));
      settled = await this.#moved(settled, redo);
      writes = undefined;
    }
    return settled;
  }

  async #moved(head: Head, redo: Redo): Promise<Head> {
    const { heads } = this.#parts;
    const moved = await heads.change(head, { checkpoint: Math.max(head.checkpoint, redo.checkpoint), redo: null });
    if (moved !== null && redo.parts > 0) await heads.removeOldParts(moved);
    return moved ?? this.#read();
  }

  async #read(): Promise<Head> {
    return (await this.#parts.heads.read(this.#parts.id)) ?? this.#parts.gone();
  }

  async #apply(writes: readonly DocumentWrite[]): Promise<void> {
    const replacements = this.#replacements(writes);
    try {
      await this.#parts.documents.bulkWrite(
        replacements.map((replaceOne) => ({ replaceOne: { ...replaceOne, upsert: true } })),
        { ordered: false },
      );
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
