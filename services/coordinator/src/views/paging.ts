import { TuttiError, type JsonObject } from '@tutti/kernel';
import type { FoundDocument, Query, ReadModel } from '@tutti/read-models';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;

export interface Page<Doc extends JsonObject> {
  readonly found: readonly FoundDocument<Doc>[];
  /** Empty when nothing follows; a page that ends exactly with the last document still has one. */
  readonly nextPageToken: string;
}

/**
 * One page of a query.
 *
 * @param pageSize 0 for 100
 * @throws TuttiError INVALID_REQUEST for a size over 1,000 or a token that is none
 */
export async function findPage<Doc extends JsonObject>(
  model: Pick<ReadModel<Doc>, 'find'>,
  query: Omit<Query, 'after' | 'limit'>,
  { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
): Promise<Page<Doc>> {
  const limit = pageSize === 0 ? DEFAULT_PAGE : pageSize;
  if (limit > MAX_PAGE) throw new TuttiError('INVALID_REQUEST', `pageSize is ${limit}; at most ${MAX_PAGE} are given`);
  const found = await model.find({ ...query, limit, ...(pageToken === '' ? {} : { after: pageToken }) });
  return { found, nextPageToken: found.length === limit ? (found.at(-1)?.cursor ?? '') : '' };
}
