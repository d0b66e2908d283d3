import { pipeline } from 'node:stream/promises';
import { sha256Hex, TuttiError, type Runtime } from '@tutti/kernel';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { checkHash, checkTenant } from '../blob-addresses.js';
import type { BlobHash, Blobs } from '../blobs.port.js';

/** The process's one connection, as `connectMongo` of `@tutti/read-models/mongodb` makes it. */
export interface GridFsConnection {
  readonly connection: Connection;
  /** Runs work on it, translating what the driver throws. */
  readonly use: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export interface GridFsBlobsOptions {
  /** Shared; not closed here. */
  readonly mongo: GridFsConnection;
  readonly runtime: Pick<Runtime, 'clock'>;
  /** Name of the bucket. Default `blobs`: the collections `blobs.files` and `blobs.chunks`. */
  readonly bucket?: string;
}

interface BlobFile {
  readonly _id: mongo.ObjectId;
  readonly length: number;
  readonly chunkSize: number;
  /** `<tenant>/<hash>`, unique. */
  readonly filename: string;
  /** Wall clock of the last put, ms, and how often it was put: the sweep removes only what nobody has put since it looked. */
  readonly metadata: { readonly putMs: number; readonly puts: number };
}

interface BlobChunk {
  readonly files_id: mongo.ObjectId;
  readonly n: number;
}

/** An upload takes no longer than this: what has chunks and no file after it is of a process that died. */
const UPLOAD_LIMIT_MS = 3_600_000;
const MOST_TRIES = 10;
const ORPHANS_AT_ONCE = 1_000;
const DUPLICATE_KEY = 11000;

/**
 * Blobs in GridFS: the file's name is `<tenant>/<hash>` and unique. Acknowledged as the connection says (`connectMongo`: by a majority, in its journal).
 *
 * Each upload has an id of its own and becomes visible with its name, so two that put the same value at once never mix; the second finds the name taken and
 * takes its chunks back.
 *
 * @throws TuttiError STORE_UNAVAILABLE, retryable, while the server is away
 */
export async function openGridFsBlobs({ mongo, runtime, bucket = 'blobs' }: GridFsBlobsOptions): Promise<Blobs> {
  const blobs = new GridFsBlobs(mongo, runtime, bucket);
  await blobs.open();
  return blobs;
}

class GridFsBlobs implements Blobs {
  readonly #use: GridFsConnection['use'];
  readonly #runtime: Pick<Runtime, 'clock'>;
  readonly #bucket: mongo.GridFSBucket;
  readonly #files: mongo.Collection<BlobFile>;
  readonly #chunks: mongo.Collection<BlobChunk>;

  constructor({ connection, use }: GridFsConnection, runtime: Pick<Runtime, 'clock'>, bucketName: string) {
    const { db } = connection;
    if (db === undefined) throw new TuttiError('SHUTTING_DOWN', 'the connection that blobs are to be kept on is not open');
    this.#use = use;
    this.#runtime = runtime;
    this.#bucket = new mongoose.mongo.GridFSBucket(db, { bucketName });
    this.#files = db.collection<BlobFile>(`${bucketName}.files`);
    this.#chunks = db.collection<BlobChunk>(`${bucketName}.chunks`);
  }

  async open(): Promise<void> {
    // The bucket makes its own indexes with the first upload, but goes on when that fails, and these two are what keeps values apart.
    await this.#use(async () => {
      await this.#files.createIndex({ filename: 1 }, { unique: true });
      await this.#chunks.createIndex({ files_id: 1, n: 1 }, { unique: true });
    });
  }

  async put(tenant: string, bytes: Uint8Array): Promise<BlobHash> {
    checkTenant(tenant);
    // What is hashed is what is written, whatever the caller does with its buffer meanwhile.
    const kept = Buffer.from(bytes);
    const hash = sha256Hex(kept);
    await this.#use(() => this.#putFile(`${tenant}/${hash}`, kept));
    return hash;
  }

  async get(tenant: string, hash: BlobHash): Promise<Uint8Array> {
    checkTenant(tenant);
    checkHash(hash);
    return this.#use(async () => {
      for (let attempt = 1; ; attempt++) {
        const file = await this.#find(tenant, hash);
        if (file === null) throw new TuttiError('BLOB_NOT_FOUND', `there is no blob ${hash} of tenant ${tenant}`);
        const read = await this.#read(file);
        if (read.bytes !== null && sha256Hex(read.bytes) === hash) return read.bytes;
        // Swept, or swept and put again, while it was read.
        if (attempt < MOST_TRIES && !(await this.#find(tenant, hash))?._id.equals(file._id)) continue;
        throw new TuttiError('DATA_DAMAGED', `blob ${hash} of tenant ${tenant} ${read.found}`);
      }
    });
  }

  async size(tenant: string, hash: BlobHash): Promise<number | null> {
    checkTenant(tenant);
    checkHash(hash);
    return this.#use(async () => (await this.#find(tenant, hash))?.length ?? null);
  }

  async sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number> {
    checkTenant(tenant);
    const before = this.#runtime.clock.now() - graceMs;
    return this.#use(async () => {
      let removed = 0;
      // '0' is what follows '/'.
      const old = { filename: { $gte: `${tenant}/`, $lt: `${tenant}0` }, 'metadata.putMs': { $lt: before } };
      for await (const file of this.#files.find(old)) {
        if (live.has(file.filename.slice(tenant.length + 1))) continue;
        if (await this.#removeIfAsRead(file, { 'metadata.putMs': { $lt: before } })) removed += 1;
      }
      await this.#removeUnfinished();
      return removed;
    });
  }

  async #find(tenant: string, hash: BlobHash): Promise<BlobFile | null> {
    return this.#files.findOne({ filename: `${tenant}/${hash}` });
  }

  async #putFile(filename: string, bytes: Buffer): Promise<void> {
    for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
      const known = await this.#files.findOneAndUpdate(
        { filename },
        { $max: { 'metadata.putMs': this.#runtime.clock.now() }, $inc: { 'metadata.puts': 1 } },
        { returnDocument: 'after' },
      );
      // Length and chunks are a cheap check that it is whole; its bytes are checked whenever they are read.
      if (known !== null && (await this.#isWhole(known, bytes.length))) return;
      if (known !== null) await this.#removeIfAsRead(known);
      if (await this.#upload(filename, bytes)) return;
    }
    throw new TuttiError('OVERLOADED', `blob ${filename} was swept or put by others during each of ${MOST_TRIES} attempts to put it`);
  }

  async #isWhole(file: BlobFile, length: number): Promise<boolean> {
    if (file.length !== length) return false;
    const chunks = Math.ceil(length / file.chunkSize);
    return chunks === 0 || (await this.#chunks.countDocuments({ files_id: file._id })) === chunks;
  }

  /** False when somebody else had the name first. */
  async #upload(filename: string, bytes: Buffer): Promise<boolean> {
    const now = this.#runtime.clock.now();
    const id = uploadId(now);
    try {
      await pipeline([bytes], this.#bucket.openUploadStreamWithId(id, filename, { metadata: { putMs: now, puts: 1 } }));
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      await this.#chunks.deleteMany({ files_id: id });
      return false;
    }
  }

  async #read(file: BlobFile): Promise<{ readonly bytes: Uint8Array | null; readonly found: string }> {
    try {
      const parts = await this.#bucket.openDownloadStream(file._id).toArray();
      const bytes = new Uint8Array(Buffer.concat(parts as readonly Buffer[]));
      return { bytes, found: `has ${bytes.length} bytes with hash ${sha256Hex(bytes)}` };
    } catch (error) {
      if (!isNotWhole(error)) throw error;
      return { bytes: null, found: `cannot be read whole: ${error.message}` };
    }
  }

  /** Not when it was put since: the name goes first, and with it the value is gone; then what it was made of. */
  async #removeIfAsRead({ _id, metadata }: BlobFile, also: mongo.Filter<BlobFile> = {}): Promise<boolean> {
    const { deletedCount } = await this.#files.deleteOne({ ...also, _id, 'metadata.puts': metadata.puts });
    if (deletedCount === 0) return false;
    await this.#chunks.deleteMany({ files_id: _id });
    return true;
  }

  /** Chunks of uploads and removals that a process died in. The id of an upload holds its time. */
  async #removeUnfinished(): Promise<void> {
    const before = mongoose.mongo.ObjectId.createFromTime(secondsOf(this.#runtime.clock.now() - UPLOAD_LIMIT_MS));
    let ids = new Map<string, mongo.ObjectId>();
    const removeOrphans = async () => {
      const files = this.#files.find({ _id: { $in: [...ids.values()] } }, { projection: { _id: 1 } });
      for await (const { _id } of files) ids.delete(_id.toHexString());
      if (ids.size > 0) await this.#chunks.deleteMany({ files_id: { $in: [...ids.values()] } });
      ids = new Map();
    };
    const old = this.#chunks.find({ files_id: { $lt: before } }, { projection: { _id: 0, files_id: 1 } });
    for await (const { files_id: id } of old) {
      ids.set(id.toHexString(), id);
      if (ids.size >= ORPHANS_AT_ONCE) await removeOrphans();
    }
    if (ids.size > 0) await removeOrphans();
  }
}

/** Begins with the time, by the clock that the sweep goes by. */
function uploadId(now: number): mongo.ObjectId {
  const seconds = secondsOf(now).toString(16).padStart(8, '0');
  return new mongoose.mongo.ObjectId(seconds + new mongoose.mongo.ObjectId().toHexString().slice(8));
}

function secondsOf(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000));
}

function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/** A chunk is missing or has another size than it should, or the file is gone. */
function isNotWhole(error: unknown): error is Error {
  if (error instanceof mongoose.mongo.MongoGridFSChunkError) return true;
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
