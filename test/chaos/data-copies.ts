import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedEventStore } from '@tutti/event-store/embedded';
import type { Random, RecordedEvent } from '@tutti/kernel';
import { createSystemRuntime } from '@tutti/service-kit';
import { temporaryFolder } from '../product/standalone-process.js';

/** A data folder of its own with the same files, as a killed process left them. */
export function copyOf(dataDir: string): string {
  const copy = join(temporaryFolder(), 'data');
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

export interface Flip {
  readonly file: string;
  readonly offset: number;
  readonly bit: number;
}

/** One bit of one byte at a random place of the file. */
export function randomFlip(file: string, random: Random): Flip {
  const { size } = statSync(file);
  return { file, offset: Math.floor(random.next() * size), bit: Math.floor(random.next() * 8) };
}

export function flip({ file, offset, bit }: Flip): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(offset) ^ (1 << bit), offset);
  chmodSync(file, 0o600);
  writeFileSync(file, bytes);
}

/** All events of a data folder that nobody serves. */
export async function eventsOf(dataDir: string): Promise<readonly RecordedEvent[]> {
  const store = await openEmbeddedEventStore({ file: join(dataDir, 'events.db'), runtime: createSystemRuntime(), minFreeBytes: 0 });
  try {
    const events: RecordedEvent[] = [];
    for await (const event of store.readAll()) events.push(event);
    return events;
  } finally {
    await store.close();
  }
}

/** Paths of stored values. */
export function blobPaths(dataDir: string): readonly string[] {
  const folder = join(dataDir, 'blobs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
