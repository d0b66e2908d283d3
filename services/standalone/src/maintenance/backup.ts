import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lockDataFolder, surveyDamage } from '@tutti/event-store/embedded';
import { isoTime, isTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import { folderFiles, unfinishedLogs } from '@tutti/store-host/embedded';
import { blobFiles, readBlobFile } from './blob-files.js';
import { sync, writeDurably } from './durable-files.js';
import { describeFile, MANIFEST, type Manifest, type ManifestFile } from './manifest.js';
import { describeLosses } from './losses.js';

export interface BackupOptions {
  readonly dataDir: string;
  /** A folder that is not there yet, or is empty. */
  readonly target: string;
  readonly runtime: Pick<Runtime, 'clock'>;
  /** Of Tutti. */
  readonly version: string;
}

/**
 * Copies events, the bus's file and blobs of a data folder, whether a process serves it or not, as of one moment; read models are made again from the events.
 * The copy has its name only when it is whole, checked to the last event and durable.
 *
 * @throws TuttiError INVALID_REQUEST without a data folder, or for a target with something in it · DATA_DAMAGED when what is copied is damaged; no copy is left then
 */
export async function createBackup({ dataDir, target: given, runtime, version }: BackupOptions): Promise<Manifest> {
  const target = resolve(given);
  const source = folderFiles(dataDir);
  if (!existsSync(source.events)) throw new TuttiError('INVALID_REQUEST', `${dataDir} is no data folder: it has no events.db`);
  await assertFree(target);
  const partial = `${target}.unfinished`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  const release = holdUnlessServed(dataDir);
  try {
    const files: ManifestFile[] = [];
    // In this order: what the bus has behind it, and what events refer to, must be in the copy.
    if (existsSync(source.bus)) files.push(await copyDatabase(source.bus, partial, 'bus.db'));
    files.push(await copyDatabase(source.events, partial, 'events.db'));
    const copy = join(partial, 'events.db');
    const survey = surveyDamage(copy);
    if (survey.file.length > 0 || survey.lostCount > 0)
      throw new TuttiError('DATA_DAMAGED', `${source.events} is damaged and was not copied: ${describeLosses(survey)}`);
    for await (const file of blobFiles(source.blobs)) files.push(await copyBlob(source.blobs, file, partial));
    const { events, streams } = survey;
    const createdAt = isoTime(runtime.clock.now());
    const manifest: Manifest = {
      format: 'tutti-backup',
      version: 1,
      createdAt,
      tutti: version,
      head: headOf(copy),
      events,
      streams,
      files,
    };
    await writeDurably(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    if (existsSync(target)) await rmdir(target);
    await rename(partial, target);
    await sync(dirname(target));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  } finally {
    release();
  }
}

export async function assertFree(folder: string): Promise<void> {
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new TuttiError('INVALID_REQUEST', `${folder} is not empty; name a folder that is not there yet`);
}

/** A folder that nobody serves is held, and its logs looked at, which no process may be writing meanwhile. */
function holdUnlessServed(dataDir: string): () => void {
  try {
    const lock = lockDataFolder(dataDir);
    try {
      unfinishedLogs(dataDir);
    } catch (error) {
      lock.release();
      throw error;
    }
    return () => lock.release();
  } catch (error) {
    if (isTuttiError(error) && error.code === 'STORE_LOCKED') return () => undefined;
    throw error;
  }
}

/** As of one moment: SQLite reads one snapshot, and the writer goes on meanwhile. */
async function copyDatabase(file: string, folder: string, name: string): Promise<ManifestFile> {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    database.prepare('VACUUM INTO ?').run(join(folder, name));
  } catch (error) {
    throw new TuttiError('DATA_DAMAGED', `${file} cannot be copied: ${error instanceof Error ? error.message : String(error)}`, {
      details: { file },
      cause: error,
    });
  } finally {
    database.close();
  }
  await chmod(join(folder, name), 0o600);
  await sync(join(folder, name));
  return describeFile(folder, name);
}

async function copyBlob(from: string, file: { readonly hash: string; readonly path: string }, folder: string): Promise<ManifestFile> {
  const bytes = await readBlobFile(from, file);
  if (bytes === null)
    throw new TuttiError(
      'DATA_DAMAGED',
      `blob ${join(from, file.path)} is damaged and was not copied: its bytes are not those that were stored`,
    );
  const path = `blobs/${file.path}`;
  await writeDurably(join(folder, path), bytes);
  return { path, bytes: bytes.length, sha256: file.hash };
}

function headOf(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare('SELECT max(position) AS head FROM events').get()?.['head'] ?? -1);
  } finally {
    database.close();
  }
}
