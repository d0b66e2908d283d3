import { z } from 'zod';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';

export interface RunDocument {
  readonly path: string;
  readonly mediaType: string;
  readonly content: string;
}

export interface RunDocuments {
  /** In the order of the outputs; none when the run made none. */
  readonly all: readonly RunDocument[];
  /** The one to open first. */
  readonly main: RunDocument | null;
}

const MOST_DOCUMENTS = 10_000;
const document = z.object({
  path: z.string(),
  mediaType: z.string().default('text/plain'),
  content: z.unknown().transform((content) => (typeof content === 'string' ? content : `${JSON.stringify(content ?? null, null, 2)}\n`)),
});
const outputs = z.object({ documents: z.array(z.unknown()).optional(), document: z.unknown().optional() });

/**
 * The documents among a run's outputs: `documents` is a list of `{path, mediaType, content}`; `document` is the main one: such an object, the
 * path of one in the list, or the text itself. Without it the first in the list is the main one.
 *
 * @throws Failure OUTPUT_REFUSED naming the entry that is no document
 */
export function documentsOf(value: unknown): RunDocuments {
  const parsed = outputs.safeParse(value);
  if (!parsed.success) return { all: [], main: null };
  const listed = (parsed.data.documents ?? []).map((entry, index) => readDocument(entry, `documents[${index}]`));
  if (listed.length > MOST_DOCUMENTS) throw refused(`${listed.length} documents; at most ${MOST_DOCUMENTS} are taken`);
  const named = parsed.data.document;
  if (named === undefined || named === null || named === '') return { all: listed, main: listed[0] ?? null };
  if (typeof named === 'string') {
    const same = listed.find(({ path, content }) => path === named || content === named);
    if (same !== undefined) return { all: listed, main: same };
    const main = { path: 'document.md', mediaType: 'text/markdown', content: named };
    return { all: [main, ...listed.filter(({ path }) => path !== main.path)], main };
  }
  const main = readDocument(named, 'document');
  const same = listed.find(({ path }) => path === main.path);
  return same === undefined ? { all: [main, ...listed], main } : { all: listed, main: same };
}

function readDocument(entry: unknown, name: string): RunDocument {
  const parsed = document.safeParse(entry);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(`${name} of the outputs is no document: ${issue?.path.join('.') || 'it'} ${issue?.message ?? 'is not readable'}`);
}

function refused(message: string): Failure {
  return new Failure('OUTPUT_REFUSED', message, { exitCode: EXIT.invalid });
}
