import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

export interface PageFile {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly isImmutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
const ETAG_LENGTH = 32;

export const INDEX = '/index.html';

/**
 * The files of the built page by their paths, like `/assets/index-1a2b.js`. They are read once: a request can name none but these. Empty when there is no built
 * page; files of types that no page is made of are left out.
 */
export function readPageFiles(directory: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(join(directory, INDEX))) return new Map();
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.flatMap((entry): readonly (readonly [string, PageFile])[] => {
      const contentType = TYPES[extname(entry.name)];
      if (contentType === undefined) return [];
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(directory, file).split(sep).join('/')}`;
      const body = readFileSync(file);
      const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, ETAG_LENGTH)}"`;
      return [[path, { body, contentType, etag, isImmutable: path.startsWith('/assets/') }]];
    }),
  );
}
