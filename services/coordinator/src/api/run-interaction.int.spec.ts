import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunStatus } from '@tutti/contracts';
import { createProjectionHost } from '@tutti/read-models';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import { SOLE_OWNERSHIP } from '../ownership/ownership.js';
import { agent, startEngine, type Engine } from '../testing/engine.js';
import { Views } from '../views/views.js';
import { ListQueries, ListQueriesHandler, QueryRun, QueryRunHandler } from './query-run.js';
import { StartRun, StartRunHandler } from './run-commands.js';
import { ListRuns, ListRunsHandler } from './run-queries.js';
import { SetVariables, SetVariablesHandler } from './set-variables.js';
import { SignalRun, SignalRunHandler } from './signal-run.js';

const DEFINITION = `
name: wf
inputs: {type: object, properties: {size: {default: 1}}}
labels: {customer: "\${{ inputs.customer }}", size: "\${{ inputs.size }}", team: sales}
variables: {budget: "\${{ inputs.size * 10 }}", note: none}
queries: {spent: "\${{ variables.budget - 1 }}", who: "\${{ labels.customer }}"}
steps:
  ok: {wait: {signal: approve, schema: {type: object, required: [by], properties: {by: {type: string}}}}}
  work: {needs: ok, capability: work, with: {budget: "\${{ variables.budget }}"}}
`;

describe('what is said to a run, and asked of it', () => {
  let engine: Engine;
  let views: Views;
  beforeEach(async () => {
    engine = await startEngine(DEFINITION, (work) => work.input, [agent('worker', ['work'])]);
    const readModels = createInMemoryReadModels();
    views = new Views(createProjectionHost({ store: engine.store, readModels, runtime: engine.runtime }), readModels);
    await views.start();
  });
  afterEach(async () => {
    await views.stop();
    await engine.close();
  });

  const startRun = async (inputs: JsonObject, labels: Readonly<Record<string, string>> = {}, idempotencyKey = ''): Promise<string> => {
    const { owner, plans, values, runtime, evaluator } = engine;
    const request = { workflow: 'wf', workflowVersion: 0, inputs, labels, idempotencyKey, actor: 'user:ann', traceparent: '' };
    return (await new StartRunHandler(owner, plans, values, runtime, SOLE_OWNERSHIP, evaluator).execute(new StartRun(request))).runId;
  };
  const signal = async (runId: string, payload: JsonValue, signalId = '', name = 'approve') =>
    new SignalRunHandler(engine.owner, engine.values, engine.runtime).execute(
      new SignalRun({ runId, name, payload, signalId, actor: 'user:ann', traceparent: '' }),
    );
  const query = async (runId: string, name: string): Promise<unknown> =>
    (await new QueryRunHandler(engine.owner, engine.evaluator, engine.values).execute(new QueryRun(runId, name))).value;
  const setVariables = async (runId: string, values: JsonObject) =>
    new SetVariablesHandler(engine.owner, engine.values).execute(new SetVariables({ runId, values, actor: 'user:ann', reason: 'more' }));
  const list = async (labels: Readonly<Record<string, string>>, more: object = {}) => {
    const request = { workflow: '', status: RunStatus.RUN_STATUS_UNSPECIFIED, pageSize: 0, pageToken: '', minPosition: 0, labels, ...more };
    const { runs, nextPageToken } = await new ListRunsHandler(views).execute(new ListRuns({ ...request, children: false, rootRunId: '' }));
    return { ids: runs.map(({ id }) => id), nextPageToken };
  };

  it('starts with the labels and variables of the definition, those of the start before them', async () => {
    const runId = await startRun({ customer: 'x', size: 2 }, { team: 'core' });
    const [started] = await engine.events(runId);
    expect(started?.data).toMatchObject({
      labels: { customer: 'x', size: '2', team: 'core' },
      variables: { budget: { inline: 20 }, note: { inline: 'none' } },
    });
  });

  it('starts with the defaults of its inputs where nothing is given, and takes the same request for the same', async () => {
    const runId = await startRun({ customer: 'x' }, {}, 'key');
    const [started] = await engine.events(runId);
    expect(started?.data).toMatchObject({ inputs: { inline: { customer: 'x', size: 1 } }, variables: { budget: { inline: 10 } } });
    expect(await startRun({ customer: 'x' }, {}, 'key')).toBe(runId);
  });

  it('refuses a start whose labels are no texts, and starts the same request once', async () => {
    await expect(startRun({ customer: { a: 1 }, size: 2 })).rejects.toMatchObject({ code: 'EXPRESSION_FAILED' });
    await expect(startRun({ customer: 'x'.repeat(501), size: 2 })).rejects.toMatchObject({ code: 'EXPRESSION_FAILED' });
    const ids = [await startRun({ customer: 'x', size: 2 }, {}, 'key'), await startRun({ customer: 'x', size: 2 }, {}, 'key')];
    expect(new Set(ids).size).toBe(1);
  });

  it('takes a signal once, and refuses what no wait of its name can take', async () => {
    const runId = await startRun({ customer: 'x', size: 2 });
    await expect(signal(runId, { by: 3 })).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { problems: [{ path: '/by' }] } });
    await expect(signal('nobody', {})).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await signal(runId, 7, 's0', 'other')).toMatchObject({ created: true });
    expect(await signal(runId, { by: 'ann' }, 's1')).toMatchObject({ signalId: 's1', created: true });
    await engine.until('RunSucceeded', runId);
    expect(await signal(runId, { by: 'ann' }, 's1')).toMatchObject({ created: false });
    await expect(signal(runId, { by: 'ann' }, 's2')).rejects.toMatchObject({ code: 'RUN_ENDED' });
  });

  it('keeps a bounded number of signals that nothing takes', async () => {
    const runId = await startRun({ customer: 'x', size: 2 });
    const { state } = await engine.owner.peek(runId);
    state.signals.untakenCount = 10_000;
    await expect(signal(runId, 1, '', 'other')).rejects.toMatchObject({ code: 'SIGNALS_FULL' });
  });

  it('takes so many variables of one run and no more', async () => {
    const runId = await startRun({ customer: 'x', size: 2 });
    const many = (from: number): JsonObject => Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`v${from + n}`, n]));
    for (let from = 0; from < 900; from += 100) await setVariables(runId, many(from));
    await expect(setVariables(runId, many(900))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('at most 1000'),
    });
  });

  it('sets variables, which what is evaluated from then on sees', async () => {
    const runId = await startRun({ customer: 'x', size: 2 });
    await setVariables(runId, { budget: 50, extra: [1] });
    expect(await query(runId, 'spent')).toBe(49);
    await signal(runId, { by: 'ann' });
    await engine.until('RunSucceeded', runId);
    expect(engine.executed.map(({ input }) => input)).toEqual([{ budget: 50 }]);
    await expect(setVariables(runId, { budget: 1 })).rejects.toMatchObject({ code: 'RUN_ENDED' });
    const set = (await engine.events(runId)).find(({ type }) => type === 'VariablesSet');
    expect(set?.data).toMatchObject({ step: null, setBy: 'user:ann', reason: 'more' });
  });

  it('answers queries of running runs, and of ended ones', async () => {
    const runId = await startRun({ customer: 'x', size: 2 });
    expect(await query(runId, 'who')).toBe('x');
    expect(await query(runId, 'state')).toEqual({
      status: 'running',
      variables: { budget: 20, note: 'none' },
      steps: { ok: { status: 'running' }, work: { status: 'pending' } },
    });
    await signal(runId, { by: 'ann' });
    await engine.until('RunSucceeded', runId);
    await engine.owner.settled(runId);
    expect(await query(runId, 'state')).toMatchObject({ status: 'succeeded', steps: { work: { output: { budget: 20 } } } });
    await expect(query(runId, 'nothing')).rejects.toMatchObject({
      code: 'QUERY_NOT_FOUND',
      message: expect.stringContaining('spent, who, state'),
    });
    await expect(query('nobody', 'who')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    const { queries } = await new ListQueriesHandler(engine.owner).execute(new ListQueries(runId));
    expect(queries.map(({ name }) => name)).toEqual(['spent', 'who', 'state']);
  });

  it('finds runs by their labels, newest first, page by page', async () => {
    const ids: string[] = [];
    for (const [customer, size] of [
      ['x', 1],
      ['y', 1],
      ['x', 2],
      ['x', 1],
    ] as const) {
      await engine.runtime.advance(1_000);
      ids.push(await startRun({ customer, size }));
    }
    const [first, second, third, fourth] = ids;
    expect((await list({ customer: 'x' })).ids).toEqual([fourth, third, first]);
    expect((await list({ customer: 'x', size: '1' })).ids).toEqual([fourth, first]);
    expect((await list({ customer: 'y' }, { workflow: 'wf' })).ids).toEqual([second]);
    expect((await list({ customer: 'y' }, { workflow: 'other' })).ids).toEqual([]);
    expect((await list({ customer: 'x' }, { status: RunStatus.RUN_STATUS_SUCCEEDED })).ids).toEqual([]);
    expect((await list({ constructor: 'x' })).ids).toEqual([]);
    const page = await list({ size: '1', customer: 'x' }, { pageSize: 1 });
    expect(page.ids).toEqual([fourth]);
    const rest = await list({ size: '1', customer: 'x' }, { pageSize: 1, pageToken: page.nextPageToken });
    expect(rest.ids).toEqual([first]);
    await expect(list(Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`l${at}`, ''])))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });
});
