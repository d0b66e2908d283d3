import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createProjectionHost } from '@tutti/read-models';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import { SOLE_OWNERSHIP } from '../ownership/ownership.js';
import { agent, startEngine, type Engine } from '../testing/engine.js';
import { Views } from '../views/views.js';
import { WorkflowStreams } from '../workflow/workflow-streams.js';
import { MigrateRunCommand, MigrateRunHandler } from './migrate-run.js';
import { StartRun, StartRunHandler } from './run-commands.js';
import { RegisterWorkflow, RegisterWorkflowHandler } from './workflow-handlers.js';
import { ChangeVersions, ChangeVersionsHandler, ListWorkflowVersions, ListWorkflowVersionsHandler } from './workflow-rollout.js';

const source = (description: string, step = 'hold: {capability: nobody}'): string =>
  `name: wf\ndescription: ${description}\nsteps:\n  ${step}\n`;
const by = { name: 'wf', actor: 'user:ann', reason: 'why' } as const;

describe('the versions of a workflow', () => {
  let engine: Engine;
  let views: Views;
  beforeEach(async () => {
    engine = await startEngine(source('one'), () => null, [agent('worker', ['work'])]);
    const readModels = createInMemoryReadModels();
    views = new Views(createProjectionHost({ store: engine.store, readModels, runtime: engine.runtime }), readModels);
    await views.start();
  });
  afterEach(async () => {
    await views.stop();
    await engine.close();
  });

  const streams = () => new WorkflowStreams(engine.store, engine.plans, engine.runtime);
  const register = (text: string) =>
    new RegisterWorkflowHandler(streams(), engine.plans, views).execute(new RegisterWorkflow(text, 'user:ann'));
  const start = async (
    more: { readonly workflowVersion?: number; readonly labels?: Record<string, string>; readonly idempotencyKey?: string } = {},
  ) => {
    const { owner, plans, values, runtime, evaluator } = engine;
    const request = {
      workflow: 'wf',
      workflowVersion: 0,
      inputs: {},
      labels: {},
      idempotencyKey: '',
      actor: 'user:ann',
      traceparent: '',
      ...more,
    };
    return new StartRunHandler(owner, plans, values, runtime, SOLE_OWNERSHIP, evaluator).execute(new StartRun(request));
  };
  const versionOf = async (more: Parameters<typeof start>[0] = {}): Promise<number> => (await start(more)).workflowVersion;
  const change = (command: ChangeVersions['command']) => new ChangeVersionsHandler(streams()).execute(new ChangeVersions(command));
  const list = async () =>
    await new ListWorkflowVersionsHandler(views, engine.plans).execute(new ListWorkflowVersions({ name: 'wf', minPosition: 0 }));

  it('are given to new runs by label and share, to each key always the same', async () => {
    await register(source('two'));
    await register(source('three'));
    const rules = [
      { version: 3, labels: { team: 'x' } },
      { version: 1, share: 50 },
      { version: 2, share: 50 },
    ];
    expect(await change({ type: 'ChangeRollout', ...by, rules })).toMatchObject({ changed: true });
    expect(await versionOf({ labels: { team: 'x' } })).toBe(3);
    expect(await versionOf({ workflowVersion: 3 })).toBe(3);
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    const first = [];
    for (const idempotencyKey of keys) first.push(await versionOf({ idempotencyKey }));
    expect(new Set(first)).toEqual(new Set([1, 2]));
    // A repeat finds its run, whatever the rules say by then.
    await change({ type: 'ChangeRollout', ...by, rules: [] });
    const again = [];
    for (const idempotencyKey of keys) again.push(await versionOf({ idempotencyKey }));
    expect(again).toEqual(first);
    expect(await versionOf()).toBe(3);
  });

  it('take no runs once they are drained, and say when none is left', async () => {
    const { runId } = await start();
    await register(source('two'));
    await change({ type: 'DrainVersion', ...by, version: 1 });
    await expect(start({ workflowVersion: 1 })).rejects.toMatchObject({ code: 'WORKFLOW_VERSION_DRAINED' });
    expect(await versionOf()).toBe(2);
    expect((await list()).versions).toMatchObject([
      { version: 2, isNewest: true, drained: false, share: 100, openRuns: 1 },
      { version: 1, isNewest: false, drained: true, share: 0, openRuns: 1 },
    ]);
    await engine.owner.send(runId, { type: 'CancelRun', actor: 'user:ann', reason: '' });
    expect((await list()).versions.map(({ openRuns }) => openRuns)).toEqual([1, 0]);
    await change({ type: 'RestoreVersion', ...by, version: 1 });
    expect(await versionOf({ workflowVersion: 1 })).toBe(1);
    expect((await list()).versions.map(({ openRuns }) => openRuns)).toEqual([1, 1]);
  });

  it('have the runs that were migrated to them', async () => {
    const { runId } = await start();
    await register(source('two'));
    const request = { runId, toVersion: 2, mapping: {}, actor: 'user:ann', reason: '', dryRun: true };
    const migrate = new MigrateRunHandler(engine.owner, engine.plans, engine.values);
    expect(await migrate.execute(new MigrateRunCommand(request))).toMatchObject({ problems: [], position: 0 });
    expect((await list()).versions.map(({ openRuns }) => openRuns)).toEqual([0, 1]);
    await migrate.execute(new MigrateRunCommand({ ...request, dryRun: false }));
    expect((await list()).versions.map(({ openRuns }) => openRuns)).toEqual([1, 0]);
  });

  it('are refused for what can never work, each with its line, and what is there already is left alone', async () => {
    const wrong = source('two', 'hold: {capability: work, if: "${{ false }}"}');
    await expect(register(wrong)).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
      details: { problems: [{ line: 4, path: '/steps/hold/if', message: 'step "hold" can never run: its condition can never be true' }] },
    });
    // As from a time when nobody looked.
    await engine.register(wrong.replace('name: wf', 'name: old'));
    expect(await register(wrong.replace('name: wf', 'name: old'))).toMatchObject({ created: false, workflow: { version: 1 } });
  });
});
