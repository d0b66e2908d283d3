import type { DatabaseSync } from 'node:sqlite';
import type { EventReader } from './event-reader.js';
import { checksumOf, type EventRows } from './event-rows.js';
import { messageOf } from './sqlite-errors.js';

/** What is wrong first, in the order of the checks: the file, then each stream by number and revision. */
export type StoreDamage =
  | { readonly kind: 'file'; readonly message: string }
  | { readonly kind: 'event'; readonly stream: string; readonly revision: number; readonly message: string };

export interface VerificationReport {
  /** Events checked. */
  readonly events: number;
  readonly streams: number;
  readonly damage: StoreDamage | null;
}

/**
 * Checks the file's structure, every event's checksum and every link of every stream's hash chain.
 */
export async function verifyStore(
  database: DatabaseSync,
  reader: EventReader,
  rows: EventRows,
  nextTurn: () => Promise<void>,
): Promise<VerificationReport> {
  const report = (damage: StoreDamage | null): VerificationReport => ({ events, streams, damage });
  let events = 0;
  let streams = 0;
  let streamId = -1;
  let revision = -1;
  let hash: string | null = null;
  const [integrity] = Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {});
  if (integrity !== 'ok') return report({ kind: 'file', message: String(integrity) });
  for (;;) {
    const page = reader.rowsByStream(streamId, revision);
    if (page.length === 0) return report(null);
    for (const [id, checksum, row] of page) {
      const [, stream, found] = row;
      if (id !== streamId) {
        streams += 1;
        [streamId, revision, hash] = [id, -1, null];
      }
      const damage = (message: string) => report({ kind: 'event', stream, revision: found, message });
      if (stream === '') return damage(`belongs to the stream number ${id}, which is missing`);
      if (found !== revision + 1) return damage(`follows revision ${revision}`);
      if (row[7] !== hash) return damage(`carries ${row[7]} as the hash of the event before it, which has ${hash}`);
      try {
        rows.toEvent(row);
      } catch (error) {
        return damage(messageOf(error));
      }
      hash = rows.hash(row);
      if (checksum !== null && checksum !== checksumOf(hash)) return damage('is not as it was written: its checksum differs');
      revision = found;
      events += 1;
    }
    await nextTurn();
  }
}
