import type { JsonObject } from '@tutti/kernel';
import type { ReadModel } from '@tutti/read-models';
import { findPage, type Page } from './paging.js';
import type { RunDocument } from './runs.projection.js';

type Runs = Pick<ReadModel<RunDocument & JsonObject>, 'find'>;

interface RunsQuery {
  /** Empty for all. */
  readonly workflow: string;
  /** Null for any. */
  readonly status: RunDocument['status'] | null;
  /** Child runs, too. */
  readonly children: boolean;
  /** Only child runs below this one; empty for all. */
  readonly rootRunId: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

/**
 * Runs that were started from outside, newest first; or, with child runs, all in the order of their ids backwards: by the time of their roots' starts, a
 * family together. With child runs, a page of a workflow or status may hold fewer than were asked for though more follow.
 *
 * @throws TuttiError INVALID_REQUEST
 */
export async function findRuns(runs: Runs, query: RunsQuery): Promise<Page<RunDocument & JsonObject>> {
  const { workflow, status, children, rootRunId } = query;
  if (!children && rootRunId === '') {
    const filter = { ...(workflow === '' ? {} : { workflow }), ...(status === null ? {} : { status }) };
    return findPage(runs, { filter: { ...filter, listedAt: { $gt: '' } }, sort: [['listedAt', 'desc']] }, query);
  }
  const below = rootRunId === '' ? {} : { filter: { _id: { $gt: `${rootRunId}~`, $lt: `${rootRunId}~g` } } };
  const { found, nextPageToken } = await findPage(runs, { ...below, sort: [['_id', 'desc']] }, query);
  const fits = ({ document }: { readonly document: RunDocument }): boolean =>
    (workflow === '' || document.workflow === workflow) && (status === null || document.status === status);
  return { found: found.filter(fits), nextPageToken };
}
