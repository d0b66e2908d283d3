import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, isClientError, type ConnectOptions, type RunHandle, type Tutti, type TypedWorkflow } from '@tutti/client';
import { Standalone, temporaryFolder } from '../../product/standalone-process.js';
import { eventually } from '../../product/waiting.js';
import { installProbe } from '../probe-agent.js';

const LIMIT_MS = 60_000;
const WAIT_MS = 20_000;

interface Greeting {
  readonly text: string;
}

/** As a builder makes it. */
const GREET: TypedWorkflow<{ readonly name: string }, Greeting> = {
  name: 'greet',
  document: {
    name: 'greet',
    inputs: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    steps: { say: { capability: 'probe.echo', with: { text: 'Hello ${{ inputs.name }}' } } },
    outputs: { text: '${{ steps.say.output.text }}' },
  },
};
const ASK = `
name: ask
steps:
  draft:
    capability: probe.echo
    with: { text: a draft }
    gates: [{ name: sign-off, type: approval, title: Is it right? }]
  send: { capability: probe.echo, needs: draft, with: { text: sent } }
outputs: { text: '\${{ steps.send.output.text }}' }
`;
const WAIT = `
name: wait
steps:
  note: { set: { heard: 0 } }
  word: { wait: { signal: word }, needs: note }
queries: { heard: "\${{ variables.heard }}" }
outputs: { word: '\${{ steps.word.output.said }}' }
`;
const CHOOSY = `
name: choosy
steps:
  try: { capability: probe.echo, with: { ok: false }, gates: [{ name: fine, type: expression, expression: "\${{ output.ok }}" }] }
  then: { capability: probe.echo, needs: try, with: { got: "\${{ steps.try.output }}" } }
outputs: { got: "\${{ steps.then.output.got }}" }
`;
const HOLD = 'name: hold\nsteps: { wait: { capability: probe.hold } }\n';
const FAIL = 'name: fail\nsteps: { try: { capability: probe.fail } }\n';

/** What every way to the server must do alike. */
export function describeClient(transport: NonNullable<ConnectOptions['transport']>): void {
  describe(`the client by ${transport}`, () => {
    let folder: string;
    let server: Standalone;
    let tutti: Tutti;
    const client = (options: ConnectOptions = {}): Tutti =>
      connect({ transport, dataDir: join(folder, 'data'), retry: { tries: 3, firstWaitMs: 20 }, ...options });
    beforeAll(async () => {
      folder = temporaryFolder();
      server = await Standalone.start({ folder, config: { workers: installProbe(folder) } });
      tutti = client();
      for (const source of [GREET, ASK, HOLD, FAIL, WAIT, CHOOSY]) await tutti.workflows.register(source);
    }, LIMIT_MS);
    afterAll(async () => {
      tutti.close();
      await server.stop('SIGKILL');
    });
    const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => null).catch((error: unknown) => error);
    const approvalOf = (run: RunHandle) => eventually('an approval', WAIT_MS, async () => (await run.approvals())[0]);

    it('puts a failed run right: with other input, by going back, by taking a step for done', async () => {
      const run = await tutti.runs.start('choosy', {});
      await expect(run.result({ timeoutMs: WAIT_MS })).rejects.toMatchObject({ code: 'RUN_FAILED' });
      expect(await run.retry({ inputs: { try: { ok: true } }, reason: 'look again' })).toEqual({ steps: ['try', 'then'] });
      expect(await run.result({ timeoutMs: WAIT_MS })).toEqual({ got: { ok: true } });
      expect(await run.reset(['then'])).toEqual({ steps: ['then'] });
      expect(await run.result({ timeoutMs: WAIT_MS })).toEqual({ got: { ok: true } });
      await run.skip('try', { ok: 'by hand' });
      expect(await run.result({ timeoutMs: WAIT_MS })).toEqual({ got: { ok: 'by hand' } });
      await expect(run.retry()).rejects.toMatchObject({ code: 'NOT_REPAIRABLE' });
    });

    it('registers what is new, says so once, and gives it back', async () => {
      const source = 'name: fresh\nsteps: { a: { capability: probe.echo } }\n';
      expect(await tutti.workflows.register(source)).toMatchObject({ created: true, workflow: { name: 'fresh', version: 1 } });
      expect(await tutti.workflows.register(source)).toMatchObject({ created: false });
      expect(await tutti.workflows.get('fresh', { version: 1 })).toMatchObject({ source, definition: { name: 'fresh' } });
      expect((await tutti.workflows.list()).map(({ name }) => name)).toEqual(expect.arrayContaining(['ask', 'fresh', 'greet']));
    });

    it('says every problem of a definition with its line, and refuses it with the same', async () => {
      const source = 'name: broken\nsteps:\n  a: { capability: probe.echo, needs: nobody }\n';
      const problems = await tutti.workflows.validate(source);
      expect(problems).toEqual([expect.objectContaining({ line: 3, message: expect.stringContaining('nobody') })]);
      expect(await failureOf(tutti.workflows.register(source))).toMatchObject({
        code: 'DEFINITION_INVALID',
        retryable: false,
        details: { problems },
      });
      expect(await tutti.workflows.validate(GREET)).toEqual([]);
    });

    it('starts a run and gives its outputs', async () => {
      const run = await tutti.runs.start(GREET, { name: 'Ann' });
      const { text } = await run.result({ timeoutMs: WAIT_MS });
      expect(text).toBe('Hello Ann');
      expect(await run.view()).toMatchObject({
        id: run.id,
        workflow: 'greet',
        status: 'succeeded',
        steps: [{ id: 'say', status: 'succeeded' }],
      });
    });

    it('starts one run however often the same key comes', async () => {
      const options = { idempotencyKey: `once-${transport}`, labels: { team: transport } };
      const first = await tutti.runs.start('greet', { name: 'Ann' }, options);
      expect((await tutti.runs.start('greet', { name: 'Ann' }, options)).id).toBe(first.id);
      expect(await failureOf(tutti.runs.start('greet', { name: 'Bob' }, options))).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
      expect((await tutti.runs.start('greet', { name: 'Ann' })).id).not.toBe(first.id);
    });

    it('refuses inputs that do not fit, with every problem', async () => {
      const failure = await failureOf(tutti.runs.start('greet', { name: 7 }));
      expect(isClientError(failure, 'INPUT_INVALID')).toBe(true);
      expect(failure).toMatchObject({ details: { problems: [expect.objectContaining({ path: '/name' })] } });
      expect(await failureOf(tutti.runs.start('nobody'))).toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
      expect(await failureOf(tutti.runs.get('nobody'))).toMatchObject({ code: 'RUN_NOT_FOUND' });
    });

    it('finds runs by status, workflow and label', async () => {
      const labels = { batch: `b-${transport}` };
      const runs = [];
      for (const name of ['a', 'b', 'c']) runs.push(await tutti.runs.start(GREET, { name }, { labels }));
      const held = await tutti.runs.start('hold', {}, { labels });
      for (const run of runs) await run.result({ timeoutMs: WAIT_MS });
      const ids = async (options: Parameters<Tutti['runs']['list']>[0]) => (await tutti.runs.list(options)).map(({ id }) => id);
      expect(await ids({ labels })).toEqual([held.id, ...runs.map(({ id }) => id).reverse()]);
      expect(await ids({ labels, limit: 2 })).toEqual([held.id, runs[2]?.id]);
      expect(await ids({ labels, status: 'running' })).toEqual([held.id]);
      expect(await ids({ labels, workflow: 'greet', limit: 1 })).toEqual([runs[2]?.id]);
      expect(await failureOf(tutti.runs.list({ status: 'lost' }))).toMatchObject({ code: 'INVALID_REQUEST' });
      await held.cancel();
    });

    it('rejects the result of a run that failed with its error', async () => {
      const run = await tutti.runs.start('fail');
      expect(await failureOf(run.result({ timeoutMs: WAIT_MS }))).toMatchObject({
        code: 'RUN_FAILED',
        message: expect.stringContaining('the probe fails as told'),
        details: { runId: run.id, error: { step: 'try' } },
      });
    });

    it('pauses, resumes and cancels, for a reason', async () => {
      const run = await tutti.runs.start('hold');
      await run.pause('lunch');
      expect(await run.view()).toMatchObject({ status: 'paused', pause: { reason: 'lunch' } });
      await run.resume();
      expect(await run.view()).toMatchObject({ status: 'running' });
      const result = failureOf(run.result({ timeoutMs: WAIT_MS }));
      await run.cancel('enough');
      expect(await result).toMatchObject({ code: 'RUN_CANCELLED', retryable: false });
      expect(await failureOf(run.pause())).toMatchObject({ code: 'RUN_ENDED' });
    });

    it('ends waiting at the time that was given, and by the caller’s signal; the run goes on', async () => {
      const run = await tutti.runs.start('hold');
      expect(await failureOf(run.result({ timeoutMs: 50 }))).toMatchObject({ code: 'TIMED_OUT', retryable: true });
      const stop = new AbortController();
      const result = failureOf(run.result({ signal: stop.signal }));
      const events = (async () => {
        for await (const event of run.events({ signal: stop.signal })) if (event.type === 'TaskScheduled') stop.abort('enough');
      })();
      expect(await result).toMatchObject({ code: 'ABORTED', cause: 'enough' });
      await events;
      expect(await failureOf(tutti.runs.list({ signal: stop.signal }))).toMatchObject({ code: 'ABORTED' });
      expect(await run.view()).toMatchObject({ status: 'running' });
      await run.cancel();
    });

    it('gives every event of a run once, in order, to its end, also later and from the middle', async () => {
      const run = await tutti.runs.start(GREET, { name: 'Ann' });
      const types: string[] = [];
      const revisions: number[] = [];
      for await (const event of run.events()) {
        expect(event.stream).toBe(`run-${run.id}`);
        types.push(event.type);
        revisions.push(event.revision);
      }
      expect(types[0]).toBe('RunStarted');
      expect(types.at(-1)).toBe('RunSucceeded');
      expect(revisions).toEqual(revisions.map((_, index) => index));
      const again: number[] = [];
      for await (const { revision } of (await tutti.runs.get(run.id)).events({ after: 1 })) again.push(revision);
      expect(again).toEqual(revisions.slice(2));
      for await (const event of run.events({ after: revisions.length - 1 })) throw new Error(`there is no ${event.type} behind the end`);
    });

    it('decides what waits for a person, for exactly what was shown', async () => {
      const run = await tutti.runs.start<unknown, { readonly text: string }>({ name: 'ask', document: {} }, {});
      const pending = await approvalOf(run);
      expect(pending).toMatchObject({ runId: run.id, step: 'draft', gate: 'sign-off', title: 'Is it right?', status: 'pending' });
      const approval = await tutti.approvals.get(pending.id);
      expect(approval.payload).toMatchObject({ text: 'a draft' });
      const other = { id: approval.id, payloadHash: '0'.repeat(64) };
      expect(await failureOf(tutti.approvals.decide(other, { approve: true }))).toMatchObject({ code: 'PAYLOAD_CHANGED' });
      await tutti.approvals.decide(approval, { approve: true, reason: 'as agreed' });
      expect(await run.result({ timeoutMs: WAIT_MS })).toEqual({ text: 'sent' });
      expect(await failureOf(tutti.approvals.decide(approval, { approve: false }))).toMatchObject({ code: 'APPROVAL_DECIDED' });
      const decided = await tutti.approvals.list({ runId: run.id, status: 'approved' });
      expect(decided).toEqual([expect.objectContaining({ id: approval.id, reason: 'as agreed' })]);
    });

    it('signals a run, counts a signal once however often it is sent, and asks the run how it stands', async () => {
      const run = await tutti.runs.start('wait');
      expect(await run.query('state')).toMatchObject({ status: 'running' });
      expect(await eventually('the first step', WAIT_MS, () => run.query<number | null>('heard').then((heard) => heard ?? undefined))).toBe(
        0,
      );
      expect(await failureOf(run.query('nothing'))).toMatchObject({ code: 'QUERY_NOT_FOUND' });
      const sent = await run.signal('word', { said: 'now' }, { id: 'first' });
      expect(sent).toEqual({ signalId: 'first', created: true });
      expect(await run.result({ timeoutMs: WAIT_MS })).toEqual({ word: 'now' });
      expect(await run.query('state')).toMatchObject({ status: 'succeeded' });
      expect(await failureOf(run.signal('word'))).toMatchObject({ code: 'RUN_ENDED' });
      const second = await tutti.runs.start('wait');
      expect(await second.signal('other', null, { id: 'x' })).toEqual({ signalId: 'x', created: true });
      expect(await second.signal('other', null, { id: 'x' })).toEqual({ signalId: 'x', created: false });
      await second.cancel();
    });

    it('follows the events of all runs from where it is told', async () => {
      const run = await tutti.runs.start(GREET, { name: 'Ann' });
      await run.result({ timeoutMs: WAIT_MS });
      const { position } = await run.view();
      const stop = new AbortController();
      const seen: string[] = [];
      const next = tutti.runs.start(GREET, { name: 'Bob' });
      for await (const event of tutti.events.follow({ after: position, types: ['RunStarted', 'RunSucceeded'], signal: stop.signal })) {
        if (event.stream !== `run-${(await next).id}`) continue;
        seen.push(event.type);
        if (event.type === 'RunSucceeded') stop.abort();
      }
      expect(seen).toEqual(['RunStarted', 'RunSucceeded']);
    });

    it('says who was refused, and where nobody is', async () => {
      const refused = client({ token: 'another-token-0123456789' });
      expect(await failureOf(refused.runs.list())).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false });
      const events = (await tutti.runs.start('hold')).id;
      expect(await failureOf(refused.events.follow({ runId: events }).next())).toMatchObject({ code: 'UNAUTHENTICATED' });
      refused.close();
      expect(await failureOf(client({ dataDir: temporaryFolder() }).runs.list())).toMatchObject({ code: 'NOT_RUNNING', retryable: false });
      const nobody = client({ url: '127.0.0.1:1' });
      expect(await failureOf(nobody.runs.list())).toMatchObject({ code: 'UNREACHABLE', retryable: true });
      nobody.close();
      expect(await failureOf(client({ url: 'ftp://x' }).runs.list())).toMatchObject({ code: 'INVALID_ADDRESS' });
    });

    it(
      'waits through the server’s death and return for a result and for events, and loses and doubles nothing',
      async () => {
        const patient = client({ retry: { tries: 100, limitMs: WAIT_MS, firstWaitMs: 50, longestWaitMs: 200 } });
        const run = await patient.runs.start('ask');
        const approval = await approvalOf(run);
        const revisions: number[] = [];
        const events = (async () => {
          for await (const { revision } of run.events()) revisions.push(revision);
        })();
        const result = run.result({ timeoutMs: LIMIT_MS });
        await eventually('the first events', WAIT_MS, async () => (revisions.length > 1 ? true : undefined));
        await server.stop('SIGKILL');
        // Asked for while nobody is there, each counts once all the same.
        const started = patient.runs.start('hold', {}, { labels: { while: `down-${transport}` } });
        const decided = patient.approvals.decide(approval, { approve: true });
        server = await Standalone.start({ folder });
        await decided;
        expect(await result).toEqual({ text: 'sent' });
        await events;
        const recorded = await server.call('GET', `/v1/runs/${run.id}/events?limit=1000`);
        expect(revisions).toEqual((recorded.json['events'] as readonly { readonly revision: number }[]).map(({ revision }) => revision));
        const held = await started;
        const labels = { while: `down-${transport}` };
        expect((await patient.runs.list({ labels })).map(({ id }) => id)).toEqual([held.id]);
        await held.cancel();
        patient.close();
      },
      LIMIT_MS,
    );

    it('finds the server by what it wrote into the data folder', () => {
      const written = JSON.parse(readFileSync(join(folder, 'data', 'server.json'), 'utf8')) as { readonly grpcUrl: string };
      expect(written.grpcUrl).toMatch(/^grpc:\/\/127\.0\.0\.1:\d+$/);
    });
  });
}
