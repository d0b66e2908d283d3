import { TuttiError, type JsonObject } from '@tutti/kernel';
import type { FoundDocument, ReadModel } from '@tutti/read-models';
import { labelText, type RunLabelDocument } from './run-labels.projection.js';
import type { RunDocument } from './runs.projection.js';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;
const MAX_LABELS_ASKED = 10;
/** Runs with the first label that are looked at for one page; fewer runs than asked for may be given then, with a token for the rest. */
const MAX_LOOKED_AT = 10_000;

interface Models {
  readonly labels: Pick<ReadModel<RunLabelDocument & JsonObject>, 'find'>;
  readonly runs: Pick<ReadModel<RunDocument & JsonObject>, 'getMany'>;
}

interface LabelQuery {
  /** All of them; at least one. */
  readonly labels: Readonly<Record<string, string>>;
  readonly workflow: string;
  /** Null for any. */
  readonly status: RunDocument['status'] | null;
  /** Child runs, too: they have the labels of their parents. */
  readonly children: boolean;
  /** Only child runs below this one; empty for all. */
  readonly rootRunId: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

interface LabelPage {
  readonly found: readonly Pick<FoundDocument<RunDocument & JsonObject>, 'document' | 'position'>[];
  readonly nextPageToken: string;
}

/** Runs that have all the labels, newest first: the index gives those with one of them, the rest is looked at. @throws TuttiError INVALID_REQUEST */
export async function findRunsWithLabels({ labels, runs }: Models, query: LabelQuery): Promise<LabelPage> {
  const wanted = Object.entries(query.labels);
  const [first] = wanted;
  if (first === undefined || wanted.length > MAX_LABELS_ASKED)
    throw new TuttiError('INVALID_REQUEST', `${wanted.length} labels are asked for; expected 1 to ${MAX_LABELS_ASKED}`);
  if (query.pageSize > MAX_PAGE) throw new TuttiError('INVALID_REQUEST', `pageSize is ${query.pageSize}; at most ${MAX_PAGE} are given`);
  const limit = query.pageSize === 0 ? DEFAULT_PAGE : query.pageSize;
  const fits = ({ document }: { readonly document: RunDocument }): boolean =>
    wanted.every(([name, value]) => Object.hasOwn(document.labels, name) && document.labels[name] === value) &&
    (query.rootRunId === '' ? query.children || document.parent === null : document.runId.startsWith(`${query.rootRunId}~`)) &&
    (query.workflow === '' || document.workflow === query.workflow) &&
    (query.status === null || document.status === query.status);
  const found: LabelPage['found'][number][] = [];
  let after = query.pageToken;
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT;) {
    const page = await labels.find({
      filter: { label: labelText(...first) },
      sort: [['startedAt', 'desc']],
      limit,
      ...(after === '' ? {} : { after }),
    });
    lookedAt += page.length;
    const documents = new Map((await runs.getMany(page.map(({ document }) => document.runId))).map((run) => [run.key, run]));
    for (const { document, cursor } of page) {
      after = cursor;
      const run = documents.get(document.runId);
      if (run !== undefined && fits(run)) found.push(run);
      if (found.length === limit) return { found, nextPageToken: after };
    }
    if (page.length < limit) return { found, nextPageToken: '' };
  }
  return { found, nextPageToken: after };
}
