import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { TOPIC_VIEWS } from '@tutti/contracts';
import { lockDataFolder, openEmbeddedEventStore, surveyDamage, type DamageSurvey } from '@tutti/event-store/embedded';
import type { DoctorCheck } from '@tutti/gateway';
import { toTuttiError, TuttiError, type JsonObject, type Runtime } from '@tutti/kernel';
import { rebuildAndCompare, type Projection } from '@tutti/read-models';
import { openEmbeddedReadModels } from '@tutti/read-models/embedded';
import { assertLogReaches, folderFiles, unfinishedLogs } from '@tutti/store-host/embedded';
import { lostBlobs } from './blob-files.js';
import { describeLosses } from './losses.js';

const MOST_NAMED = 20;

export interface CheckOptions {
  readonly dataDir: string;
  readonly projections: readonly Projection<JsonObject>[];
  readonly runtime: Runtime;
}

export interface FolderCheck {
  readonly checks: readonly DoctorCheck[];
  /** Null when the file could not be looked at. */
  readonly survey: DamageSurvey | null;
}

type Finding = Omit<DoctorCheck, 'name'>;

/**
 * Reads everything in a data folder that nobody serves: logs, every event and its hash, blobs, the bus's file, and whether the read models are what the events give.
 * Takes seconds per hundred thousand events.
 *
 * @throws TuttiError INVALID_REQUEST without a data folder · STORE_LOCKED when it is served
 */
export async function checkDataFolder({ dataDir, projections, runtime }: CheckOptions): Promise<FolderCheck> {
  const files = folderFiles(dataDir);
  if (!existsSync(files.events)) throw new TuttiError('INVALID_REQUEST', `${dataDir} is no data folder: it has no events.db`);
  const lock = lockDataFolder(dataDir);
  try {
    let survey: DamageSurvey | null = null;
    const checks: DoctorCheck[] = [];
    const check = async (name: string, find: () => Promise<Finding> | Finding): Promise<boolean> => {
      const found = await attempt(find);
      checks.push({ name, ...found });
      return found.status !== 'failed';
    };
    // Nothing below may open a file before its log was looked at: that replays the log.
    const logsHold = await check('write-ahead logs', () => checkLogs(dataDir));
    const storeHolds = await check('event store', () => {
      survey = surveyDamage(files.events);
      return checkSurvey(files.events, survey);
    });
    const reaches = storeHolds && (await check('end of the log', () => checkReach(dataDir)));
    await check('blobs', async () => checkBlobs(await lostBlobs(files.blobs, files.events)));
    if (existsSync(files.bus)) await check('event bus', () => checkStructure(files.bus));
    if (existsSync(files.readModels)) {
      const sound = await check('read models', () => checkStructure(files.readModels));
      if (sound && logsHold && reaches) await check('read models and events', () => compare(dataDir, projections, runtime));
    }
    return { checks, survey };
  } finally {
    lock.release();
  }
}

async function attempt(find: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    return { status: 'failed', detail: toTuttiError(error).message };
  }
}

function checkLogs(dataDir: string): Finding {
  const unfinished = unfinishedLogs(dataDir);
  if (unfinished.length === 0) return { status: 'ok', detail: 'whole' };
  return { status: 'warning', detail: `${unfinished.join('; ')}; it is left out, as after a loss of power` };
}

function checkSurvey(file: string, survey: DamageSurvey): Finding {
  if (survey.file.length > 0 || survey.lostCount > 0)
    return { status: 'failed', detail: `${file}: ${describeLosses(survey)}; restore a backup` };
  return { status: 'ok', detail: `${survey.events} events in ${survey.streams} streams, every hash chain whole` };
}

function checkReach(dataDir: string): Finding {
  assertLogReaches(dataDir, TOPIC_VIEWS);
  return { status: 'ok', detail: 'nothing has seen more than there is' };
}

function checkBlobs(lost: Awaited<ReturnType<typeof lostBlobs>>): Finding {
  if (lost.length === 0) return { status: 'ok', detail: 'every stored value is there and whole' };
  const named = lost.slice(0, MOST_NAMED).map(({ hash, message, streams }) => `${hash} of ${streams.join(', ') || 'no event'}: ${message}`);
  const more = lost.length > named.length ? `; and ${lost.length - named.length} more` : '';
  return { status: 'failed', detail: `${lost.length} stored values lost: ${named.join('; ')}${more}` };
}

function checkStructure(file: string): Finding {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const lines = database
      .prepare(`PRAGMA integrity_check(${MOST_NAMED})`)
      .all()
      .flatMap((row) => Object.values(row))
      .map(String);
    return lines.join() === 'ok' ? { status: 'ok', detail: 'sound' } : { status: 'failed', detail: `${file}: ${lines.join('; ')}` };
  } catch (error) {
    return { status: 'failed', detail: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    database.close();
  }
}

/** A difference is a damage of one or the other: the read models hold copies of what even the newest events say. */
async function compare(dataDir: string, projections: readonly Projection<JsonObject>[], runtime: Runtime): Promise<Finding> {
  const files = folderFiles(dataDir);
  const store = await openEmbeddedEventStore({ file: files.events, runtime, minFreeBytes: 0 });
  const readModels = await openEmbeddedReadModels({ file: files.readModels, runtime });
  try {
    const differing: string[] = [];
    for (const projection of projections) {
      const keys = await rebuildAndCompare({ projection, store, readModels, runtime });
      differing.push(...keys.map((key) => `${projection.name} ${key}`));
    }
    if (differing.length === 0) return { status: 'ok', detail: `${projections.length} projections equal what the events give` };
    const named = differing.slice(0, MOST_NAMED).join(', ');
    const fix = 'move read-models.db away to have it made again; if the events are what changed, restore a backup';
    return { status: 'failed', detail: `${differing.length} documents of read-models.db are not what events.db gives: ${named}; ${fix}` };
  } finally {
    await readModels.close();
    await store.close();
  }
}
