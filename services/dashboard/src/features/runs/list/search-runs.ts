import { listRuns, type RunSummary } from '@tutti/rest-contract';
import { queryOptions } from '@tanstack/react-query';
import type { Http, Query } from '../../../api/http.js';
import { matchesText } from './run-filter.js';

const PAGE = 500;
/** So many of the newest runs are looked through. */
const MAX_LOOKED_AT = 5_000;
const MAX_FOUND = 100;

export interface FoundRuns {
  readonly runs: readonly RunSummary[];
  readonly lookedAt: number;
  /** There are older runs that were not looked at, or more that match. */
  readonly hasMore: boolean;
}

/** The API knows no search by text: the newest runs are read and looked through here. */
export function searchRuns(http: Http, filter: Query, text: string) {
  return queryOptions({
    queryKey: ['runs', 'search', filter, text],
    queryFn: async ({ signal }): Promise<FoundRuns> => {
      const found: RunSummary[] = [];
      let lookedAt = 0;
      let pageToken = '';
      do {
        const page = await http.ask(listRuns, { query: { ...filter, pageSize: PAGE, pageToken }, signal });
        found.push(...page.runs.filter((run) => matchesText(run, text)));
        lookedAt += page.runs.length;
        pageToken = page.nextPageToken;
      } while (pageToken !== '' && lookedAt < MAX_LOOKED_AT && found.length < MAX_FOUND);
      return { runs: found.slice(0, MAX_FOUND), lookedAt, hasMore: pageToken !== '' || found.length > MAX_FOUND };
    },
  });
}
