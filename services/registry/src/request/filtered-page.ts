import type { JsonObject } from '@tutti/kernel';
import type { LiveReadModel, Query } from '@tutti/read-models';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;
/** Bounds the work of one call: a page may be shorter than asked for, even empty, and still name a next one. */
const MAX_SCANNED = 5_000;
const BATCH = 250;

export interface Page<Doc extends JsonObject> {
  readonly documents: readonly Doc[];
  /** Empty for no more. */
  readonly nextPageToken: string;
}

interface PageRequest<Doc extends JsonObject> {
  readonly filter: NonNullable<Query['filter']>;
  /** What the ports' filter language cannot say. */
  readonly matches: (document: Doc) => boolean;
  /** 0 for the default; more than the most is the most. */
  readonly pageSize: number;
  readonly pageToken: string;
}

/** Documents by key that pass the filter and the test. */
export async function filteredPage<Doc extends JsonObject>(model: LiveReadModel<Doc>, request: PageRequest<Doc>): Promise<Page<Doc>> {
  const size = Math.min(request.pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const documents: Doc[] = [];
  let lastKept = '';
  let after = request.pageToken;
  for (let scanned = 0; scanned < MAX_SCANNED;) {
    const batch = await model.find({ filter: request.filter, limit: BATCH, ...(after === '' ? {} : { after }) });
    for (const { document, cursor } of batch) {
      after = cursor;
      if (!request.matches(document)) continue;
      // One more than asked for proves that there is a next page.
      if (documents.length === size) return { documents, nextPageToken: lastKept };
      documents.push(document);
      lastKept = cursor;
    }
    scanned += batch.length;
    if (batch.length < BATCH) return { documents, nextPageToken: '' };
  }
  return { documents, nextPageToken: after };
}
