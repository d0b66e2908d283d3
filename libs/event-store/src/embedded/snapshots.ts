import type { JsonValue } from '@tutti/kernel';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Snapshot } from '../event-store.port.js';

export class Snapshots {
  private readonly select: StatementSync;
  private readonly upsert: StatementSync;

  constructor(database: DatabaseSync) {
    this.select = database.prepare('SELECT revision, schema_version, state FROM snapshots WHERE stream = ?');
    // At the same revision a newer shape replaces an older one.
    this.upsert = database.prepare(
      `INSERT INTO snapshots (stream, revision, schema_version, state) VALUES (?, ?, ?, ?)
       ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision, schema_version = excluded.schema_version, state = excluded.state
       WHERE (excluded.revision, excluded.schema_version) > (revision, schema_version)`,
    );
  }

  load(stream: string): Snapshot | null {
    const row = this.select.get(stream);
    if (row === undefined) return null;
    return {
      revision: row['revision'] as number,
      schemaVersion: row['schema_version'] as number,
      state: JSON.parse(row['state'] as string) as JsonValue,
    };
  }

  save(stream: string, revision: number, schemaVersion: number, state: string): void {
    this.upsert.run(stream, revision, schemaVersion, state);
  }
}
