import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TuttiError } from '@tutti/kernel';
import { z } from 'zod';

const OWNER_ONLY = 0o600;

const ownerInfo = z.object({
  /** `host:port` of the gRPC endpoint for workers. */
  address: z.string().min(1),
  /** What workers must carry there. */
  token: z.string().min(1),
  pid: z.int().positive(),
});
export type OwnerInfo = z.infer<typeof ownerInfo>;

/** How workers in other processes find the owner of a data folder. */
export function ownerFile(dataDir: string): string {
  return join(dataDir, 'workers.json');
}

/** Writes the file whole or not at all, for its owner alone. */
export async function writeOwnerInfo(dataDir: string, info: OwnerInfo): Promise<void> {
  const draft = `${ownerFile(dataDir)}.${info.pid}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(info)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  await rename(draft, ownerFile(dataDir));
}

/** @throws TuttiError SHUTTING_DOWN, which may be tried again, when nobody takes workers there now */
export async function readOwnerInfo(dataDir: string): Promise<OwnerInfo> {
  const text = await readFile(ownerFile(dataDir), 'utf8').catch(() => '');
  const parsed = text === '' ? undefined : ownerInfo.safeParse(JSON.parse(text));
  if (parsed?.success === true) return parsed.data;
  throw new TuttiError('SHUTTING_DOWN', `nobody takes workers for the data folder ${dataDir} now: ${ownerFile(dataDir)} is not there`);
}

/** Removes the file if it is about the process with this id. */
export async function removeOwnerInfo(dataDir: string, pid: number): Promise<void> {
  const info = await readOwnerInfo(dataDir).catch(() => null);
  if (info?.pid === pid) await rm(ownerFile(dataDir), { force: true });
}
