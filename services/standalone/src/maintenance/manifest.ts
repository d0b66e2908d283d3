import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TuttiError } from '@tutti/kernel';
import { z } from 'zod';

export const MANIFEST = 'manifest.json';

const manifestSchema = z.strictObject({
  format: z.literal('tutti-backup'),
  version: z.literal(1),
  /** ISO time. */
  createdAt: z.string(),
  tutti: z.string(),
  /** Position of the last event in it, -1 when there is none. */
  head: z.int(),
  events: z.int(),
  streams: z.int(),
  files: z.array(
    z.strictObject({
      // Nothing in a backup may name a place outside of it.
      path: z.string().regex(/^(?!.*(?:^|\/)\.\.(?:\/|$))[\w][\w./-]*$/),
      bytes: z.int(),
      sha256: z.string(),
    }),
  ),
});
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
export type ManifestFile = Manifest['files'][number];

/** @throws TuttiError INVALID_REQUEST for what is no backup */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    throw new TuttiError('INVALID_REQUEST', `${folder} is no backup that this version of Tutti can restore: ${path}: ${reason}`, {
      cause: error,
    });
  }
}

/** How the file stands now. */
export async function describeFile(folder: string, path: string): Promise<ManifestFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, path)) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { path, bytes, sha256: hash.digest('hex') };
}

/** Every file that is not as the manifest says. @throws TuttiError DATA_DAMAGED with all of them */
export async function assertWhole(folder: string, { files }: Manifest): Promise<void> {
  const problems: string[] = [];
  for (const { path, bytes, sha256 } of files) {
    try {
      const found = await describeFile(folder, path);
      if (found.sha256 !== sha256)
        problems.push(`${path} has ${found.bytes} bytes with hash ${found.sha256}, expected ${bytes} with ${sha256}`);
    } catch (error) {
      problems.push(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length === 0) return;
  throw new TuttiError('DATA_DAMAGED', `the backup ${folder} is damaged, nothing was restored:\n  ${problems.join('\n  ')}`, {
    details: { folder, problems },
  });
}
