import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const serverInformation = z.object({
  url: z.url(),
  grpcUrl: z.url().optional(),
  pid: z.int().positive(),
  startedAt: z.string().optional(),
  version: z.string().optional(),
});
type ServerInformation = z.infer<typeof serverInformation>;

/** What the process that serves the folder wrote there when it was ready; null when there is none or it is no such file. */
export async function readServerFile(dataDir: string): Promise<ServerInformation | null> {
  const text = await readOptional(join(dataDir, 'server.json'));
  if (text === null) return null;
  try {
    return serverInformation.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The token made at install, or null. */
export async function readTokenFile(dataDir: string): Promise<string | null> {
  const token = (await readOptional(join(dataDir, 'token')))?.trim();
  return token === undefined || token === '' ? null : token;
}

async function readOptional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}
