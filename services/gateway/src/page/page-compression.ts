import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { PageFile } from './page-files.js';

/** What is worth it; fonts and pictures are compressed as they are. */
const TEXTS = /^(?:text\/|image\/svg)/;
const QUALITY = 6;
const ACCEPTED = /(?:^|,)\s*(br|gzip)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?=,|$)/g;

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

interface Encoded {
  readonly body: Buffer;
  /** Null for the file as it is. */
  readonly encoding: 'br' | 'gzip' | null;
}

const done = new WeakMap<PageFile, Map<'br' | 'gzip', Promise<Buffer>>>();

/** The file as the client takes it, compressed once for all of them. */
export async function compressedFor(file: PageFile, accepted: string | undefined): Promise<Encoded> {
  const encoding = TEXTS.test(file.contentType) ? encodingOf(accepted ?? '') : null;
  if (encoding === null) return { body: file.body, encoding };
  const ofFile = done.get(file) ?? new Map<'br' | 'gzip', Promise<Buffer>>();
  done.set(file, ofFile);
  const body = ofFile.get(encoding) ?? (encoding === 'br' ? asBrotli(file.body) : gzipped(file.body));
  ofFile.set(encoding, body);
  return { body: await body, encoding };
}

function encodingOf(accepted: string): 'br' | 'gzip' | null {
  const names = [...accepted.toLowerCase().matchAll(ACCEPTED)].map(([, name]) => name);
  if (names.includes('br')) return 'br';
  return names.includes('gzip') ? 'gzip' : null;
}

function asBrotli(body: Buffer): Promise<Buffer> {
  return brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } });
}
