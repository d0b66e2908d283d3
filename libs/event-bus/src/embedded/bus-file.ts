import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TuttiError, type Timers } from '@tutti/kernel';
import { BUS_MIGRATIONS, BUS_SCHEMA, BUS_SCHEMA_VERSION } from './bus-schema.js';

const SQLITE_FULL = 13;

interface Pending {
  readonly work: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The bus's own SQLite file, with two ways to write: `durably` (fsynced, everything that waits shares one commit) for what a caller was promised,
 * and `lazily` (not fsynced) for positions, where a loss costs a redelivery. In WAL mode a crash of the machine can lose the last
 * lazy transactions, never a part of one, and a later durable commit makes the earlier lazy ones durable too.
 */
export class BusFile {
  readonly db: DatabaseSync;
  readonly #file: string;
  readonly #timers: Timers;
  #pending: Pending[] = [];
  #closed = false;

  constructor(file: string, timers: Timers) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#file = file;
    this.#timers = timers;
    this.db = new DatabaseSync(file);
    this.db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000');
    this.#migrate();
  }

  /** Resolves when the work is on disk. The work may run later than others that were asked for after it with `lazily`. */
  durably<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new TuttiError('SHUTTING_DOWN', `the event bus on ${this.#file} is closed`));
    return new Promise((resolve, reject) => {
      let result: T;
      this.#pending.push({ work: () => void (result = work()), resolve: () => resolve(result), reject });
      if (this.#pending.length === 1) this.#timers.soon(() => this.#commitPending());
    });
  }

  /** One transaction, done on return, durable later. */
  lazily(work: () => void): void {
    this.db.exec('PRAGMA synchronous = NORMAL');
    try {
      this.#transaction(work);
    } finally {
      this.db.exec('PRAGMA synchronous = FULL');
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#commitPending();
    this.#closed = true;
    this.db.close();
  }

  #commitPending(): void {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    try {
      this.#transaction(() => {
        for (const { work } of batch) work();
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { resolve } of batch) resolve();
  }

  #transaction(work: () => void): void {
    try {
      this.db.exec('BEGIN IMMEDIATE');
      work();
      this.db.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      throw this.#asTuttiError(error);
    }
  }

  #rollBack(): void {
    if (this.db.isOpen && this.db.isTransaction) this.db.exec('ROLLBACK');
  }

  #asTuttiError(error: unknown): TuttiError {
    const full = (error as { errcode?: number } | null)?.errcode === SQLITE_FULL;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the event bus could not write to ${this.#file}: ${reason}; nothing of this write was kept`;
    return new TuttiError(full ? 'DISK_FULL' : 'STORE_UNAVAILABLE', message, { cause: error });
  }

  #migrate(): void {
    const found = Number(this.db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (found === BUS_SCHEMA_VERSION) return;
    if (found > BUS_SCHEMA_VERSION) {
      this.db.close();
      throw new TuttiError(
        'INVALID_CONFIG',
        `${this.#file} has bus schema ${found}, expected at most ${BUS_SCHEMA_VERSION}: it was written by a later version of Tutti`,
      );
    }
    const steps = found === 0 ? BUS_SCHEMA : BUS_MIGRATIONS.slice(found - 1).join(';');
    this.#transaction(() => this.db.exec(`${steps}; PRAGMA user_version = ${BUS_SCHEMA_VERSION}`));
  }
}
