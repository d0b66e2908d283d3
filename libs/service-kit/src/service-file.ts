import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TuttiError } from '@tutti/kernel';
import { z } from 'zod';

const OWNER_ONLY = 0o600;

/** What processes of one data folder look for: where runs are owned, for workers and for everybody else, and where agents are registered. */
export type ServiceRole = 'workers' | 'coordinator' | 'registry';

const serviceInfo = z.object({
  /** `host:port` of its gRPC. */
  address: z.string().min(1),
  pid: z.int().positive(),
});
export type ServiceInfo = z.infer<typeof serviceInfo>;

/** How others find a service of a data folder. It is there as long as the service takes calls. */
function serviceFile(dataDir: string, role: ServiceRole): string {
  return join(dataDir, `${role}.json`);
}

/** Writes the file whole or not at all, for its owner alone. */
export async function writeServiceInfo(dataDir: string, role: ServiceRole, info: ServiceInfo): Promise<void> {
  const file = serviceFile(dataDir, role);
  const draft = `${file}.${info.pid}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(info)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  await rename(draft, file);
}

/** @throws TuttiError SHUTTING_DOWN, which may be tried again, when nobody is there now */
export async function readServiceInfo(dataDir: string, role: ServiceRole): Promise<ServiceInfo> {
  const file = serviceFile(dataDir, role);
  const text = await readFile(file, 'utf8').catch(() => '');
  const parsed = serviceInfo.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new TuttiError('SHUTTING_DOWN', `nobody is there for ${role} of the data folder ${dataDir} now: ${file} is not there`);
}

/** Removes the file if it is about the process with this id; whoever came after keeps its own. */
export async function removeServiceInfo(dataDir: string, role: ServiceRole, pid: number): Promise<void> {
  const info = await readServiceInfo(dataDir, role).catch(() => null);
  if (info?.pid === pid) await rm(serviceFile(dataDir, role), { force: true });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
