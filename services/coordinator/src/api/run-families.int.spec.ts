import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApprovalStatus, RunStatus, type ApprovalView, type ListRunsRequest } from '@tutti/contracts';
import { createProjectionHost } from '@tutti/read-models';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import { SOLE_OWNERSHIP } from '../ownership/ownership.js';
import { agent, startEngine, type Engine } from '../testing/engine.js';
import { Views } from '../views/views.js';
import { RunPlans } from '../workflow/run-plans.js';
import { DecideApproval, DecideApprovalHandler } from './approval-commands.js';
import { StartRun, StartRunHandler } from './run-commands.js';
import {
  GetApproval,
  GetApprovalHandler,
  GetRun,
  GetRunHandler,
  ListApprovals,
  ListApprovalsHandler,
  ListRuns,
  ListRunsHandler,
} from './run-queries.js';

const LIST = `
name: wf
labels: {team: "\${{ inputs.team }}"}
steps:
  each: {forEach: {items: "\${{ inputs.list }}"}, workflow: part, with: {n: "\${{ item }}"}}
`;
const PART = `
name: part
labels: {part: "\${{ inputs.n }}"}
variables: {twice: "\${{ inputs.n * 2 }}"}
steps:
  group:
    steps:
      sign: {capability: work, with: {n: "\${{ inputs.n + variables.twice }}"}, gates: [{name: ok, type: approval, title: "Sign \${{ output.n }}"}]}
`;

describe('families of runs, as they are shown', () => {
  let engine: Engine;
  let views: Views;
  let root: string;
  beforeEach(async () => {
    engine = await startEngine(LIST, (work) => work.input, [agent('worker', ['work'])]);
    await engine.register(PART);
    const readModels = createInMemoryReadModels();
    views = new Views(createProjectionHost({ store: engine.store, readModels, runtime: engine.runtime }), readModels);
    await views.start();
    root = await startRun([1, 2]);
    await askedTwice();
  });
  afterEach(async () => {
    await views.stop();
    await engine.close();
  });

  const startRun = async (list: readonly number[]): Promise<string> => {
    const { owner, plans, values, runtime, evaluator } = engine;
    const request = { workflow: 'wf', workflowVersion: 0, inputs: { list: [...list], team: 'core' }, labels: {}, idempotencyKey: '' };
    const command = new StartRun({ ...request, actor: 'user:ann', traceparent: '' });
    return (await new StartRunHandler(owner, plans, values, runtime, SOLE_OWNERSHIP, evaluator).execute(command)).runId;
  };
  const askedTwice = async (): Promise<void> => {
    for (let found = 0; found < 2;) {
      found = 0;
      for await (const { type } of engine.store.readAll()) if (type === 'ApprovalRequested') found++;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const runs = async (more: Partial<ListRunsRequest> = {}) => {
    const request = {
      workflow: '',
      status: RunStatus.RUN_STATUS_UNSPECIFIED,
      pageSize: 0,
      pageToken: '',
      labels: {},
      children: false,
      rootRunId: '',
    };
    return (await new ListRunsHandler(views).execute(new ListRuns({ ...request, minPosition: await engine.store.head(), ...more }))).runs;
  };
  const run = async (runId: string) => {
    const handler = new GetRunHandler(views, new RunPlans(engine.plans, engine.values), engine.values);
    return (await handler.execute(new GetRun({ runId, minPosition: await engine.store.head() }))).run;
  };
  const approvals = async (runId: string): Promise<readonly ApprovalView[]> => {
    const request = {
      status: ApprovalStatus.APPROVAL_STATUS_PENDING,
      runId,
      pageSize: 0,
      pageToken: '',
      minPosition: await engine.store.head(),
    };
    return (await new ListApprovalsHandler(views).execute(new ListApprovals(request))).approvals;
  };

  it('lists runs that were started, child runs when asked for, and those below one run', async () => {
    expect((await runs()).map(({ id }) => id)).toEqual([root]);
    const all = await runs({ children: true });
    expect(all).toHaveLength(5);
    expect(new Set(all.map(({ rootRunId }) => rootRunId))).toEqual(new Set([root]));
    const below = await runs({ rootRunId: root, workflow: 'part' });
    expect(below.map(({ parent, block, labels }) => [parent?.depth, block, labels['team'], labels['part']]).sort()).toEqual([
      [1, '', 'core', '1'],
      [1, '', 'core', '2'],
      [2, 'group', 'core', '1'],
      [2, 'group', 'core', '2'],
    ]);
    expect((await runs({ labels: { team: 'core' } })).map(({ id }) => id)).toEqual([root]);
    expect(await runs({ labels: { team: 'core' }, children: true })).toHaveLength(5);
  });

  it('shows a step’s child runs with what has become of them, and a group’s own steps', async () => {
    const [each] = (await run(root))?.steps ?? [];
    expect(each?.children.map(({ task, workflow, status }) => [task, workflow, status])).toEqual([
      ['each[0]', 'part', 'RUN_STATUS_RUNNING'],
      ['each[1]', 'part', 'RUN_STATUS_RUNNING'],
    ]);
    const child = await run(each?.children[0]?.runId ?? '');
    expect(child?.parent).toMatchObject({ runId: root, task: 'each[0]', depth: 1, detached: false });
    const group = await run(child?.steps[0]?.children[0]?.runId ?? '');
    expect([group?.block, group?.steps.map(({ id }) => id)]).toEqual(['group', ['sign']]);
  });

  it('lists the approvals of a run with those of all runs below it, each with the way down, and takes their answers', async () => {
    const asked = await approvals(root);
    expect(
      asked.map(({ title, rootRunId, path }) => [title, rootRunId, path.map(({ workflow, task }) => `${workflow}/${task}`)]).sort(),
    ).toEqual([
      ['Sign 3', root, ['wf/each[0]', 'part/group', 'part/sign']],
      ['Sign 6', root, ['wf/each[1]', 'part/group', 'part/sign']],
    ]);
    const [first] = asked;
    const middle = first?.path[1]?.runId ?? '';
    expect((await approvals(middle)).map(({ id }) => id)).toEqual([first?.id]);
    const handler = new GetApprovalHandler(views, engine.values);
    const { approval } = await handler.execute(new GetApproval({ approvalId: first?.id ?? '', minPosition: 0 }));
    expect(approval?.path).toEqual(first?.path);
    for (const { id, payloadHash } of asked) {
      const decision = { approvalId: id, approved: true, payloadHash, actor: 'user:bob', reason: '' };
      await new DecideApprovalHandler(engine.owner).execute(new DecideApproval(decision));
    }
    await engine.until('RunSucceeded', root);
    expect(await approvals(root)).toEqual([]);
    expect((await runs({ children: true })).map(({ status }) => status)).toEqual(Array(5).fill('RUN_STATUS_SUCCEEDED'));
  });
});
