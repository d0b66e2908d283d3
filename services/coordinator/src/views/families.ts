import type { ApprovalPlace } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import type { ReadModel } from '@tutti/read-models';
import type { ApprovalDocument } from './approvals.projection.js';
import type { ChildRuns } from './run-messages.js';
import type { RunDocument } from './runs.projection.js';

type Runs = Pick<ReadModel<RunDocument & JsonObject>, 'getMany'>;
type Asked = Pick<ApprovalDocument, 'runId' | 'step'>;

/** The child runs that the run's steps name, as far as they have started. */
export async function childrenOf(runs: Runs, { steps }: RunDocument): Promise<ChildRuns> {
  const ids = Object.values(steps).flatMap(({ children = [] }) => children.map(({ runId }) => runId));
  return new Map((await manyOf(runs, ids)).map((document) => [document.runId, document]));
}

/** For each approval the way down to it: from the run that was started from outside to the one that asks, with the task that leads on in each. */
export async function pathsTo(runs: Runs, approvals: readonly Asked[]): Promise<readonly (readonly ApprovalPlace[])[]> {
  const known = new Map<string, RunDocument>();
  let missing: ReadonlySet<string> = new Set(approvals.map(({ runId }) => runId));
  // One level up with each round; there are few.
  while (missing.size > 0) {
    const found = await manyOf(runs, [...missing]);
    for (const document of found) known.set(document.runId, document);
    missing = new Set(found.flatMap(({ parent }) => (parent === null || known.has(parent.runId) ? [] : [parent.runId])));
  }
  return approvals.map((approval) => pathTo(known, approval));
}

function pathTo(known: ReadonlyMap<string, RunDocument>, { runId, step }: Asked): readonly ApprovalPlace[] {
  const path: ApprovalPlace[] = [];
  let task = step;
  for (let run = known.get(runId); run !== undefined; run = run.parent === null ? undefined : known.get(run.parent.runId)) {
    path.unshift({ runId: run.runId, workflow: run.workflow, task });
    task = run.parent?.task ?? '';
  }
  return path.length > 0 ? path : [{ runId, workflow: '', task }];
}

async function manyOf(runs: Runs, ids: readonly string[]): Promise<readonly RunDocument[]> {
  return ids.length === 0 ? [] : (await runs.getMany([...new Set(ids)])).map(({ document }) => document);
}
