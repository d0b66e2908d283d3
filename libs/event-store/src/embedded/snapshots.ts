import type { JsonValue } from '@tutti/kernel';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Snapshot } from '../event-store.port.js';

export class Snapshots {
  private readonly select: StatementSync;

  constructor(database: DatabaseSync) {
    this.select = database.prepare('SELECT revision, schema_version, state FROM snapshots WHERE stream = ?');
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
}
