import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttemptRef, TaskChannel } from '@tutti/contracts';
import { TuttiError, type JsonValue } from '@tutti/kernel';
import { createGrpcServer, createSystemRuntime, listenGrpc, silentLogger } from '@tutti/service-kit';
import type { Server } from '@grpc/grpc-js';
import { GrpcTaskChannel, type ChannelLimits } from '../../services/agent-workers/src/channel/grpc-task-channel.js';
import { serveTaskChannel } from '../../services/coordinator/src/tasks/serve-task-channel.js';
import { agent, startEngine, type Engine } from '../../services/coordinator/src/testing/engine.js';

const TOKEN = 'token-of-the-test';
const AGENTS = [
  { ...agent('writer', ['write']), prompt: 'Schreibt – 書く ✍', metadata: { nested: { list: [1, -2.5, true, null, 'x'] }, empty: {} } },
];
const DEFINITION = `name: wf
steps:
  draft:
    capability: write
    with: { text: "\${{ inputs.text }}", deep: [1, { a: null }] }
    timeout: 1h
    heartbeatTimeout: 5s
    retry: { maxAttempts: 3, initialInterval: 1s, jitter: 0 }
    gates:
      - { name: long-enough, type: expression, expression: "\${{ output.words > 2 }}", message: too short, onFail: { action: retry, maxAttempts: 1 } }
outputs: { words: "\${{ steps.draft.output.words }}" }`;

const runtime = createSystemRuntime();

interface Binding {
  readonly channel: TaskChannel;
  close(): void;
}

function describeTaskChannel(name: string, bind: (owner: TaskChannel) => Promise<Binding>): void {
  describe(`the task channel over ${name}`, () => {
    let engine: Engine;
    let binding: Binding;
    let channel: TaskChannel;
    beforeEach(async () => {
      engine = await startEngine(DEFINITION, () => undefined, []);
      binding = await bind(engine.channel);
      ({ channel } = binding);
    });
    afterEach(async () => {
      binding.close();
      await engine.close();
    });

    const announce = (worker: string, holding: readonly AttemptRef[] = []) =>
      channel.announce({ worker, pool: 'default', agents: AGENTS, holding });
    const started = async (): Promise<void> => {
      await announce('w2');
      await engine.start('wf', { text: 'Ähre' });
      await engine.until('TaskScheduled');
    };
    const succeed = (output: JsonValue, attempt = 1) =>
      channel.report('w2', ref(attempt), { outcome: 'succeeded', output: { inline: output }, durationMs: 12.5 });

    it('carries a profile whole, and says how often to give a sign of life', async () => {
      expect(await announce('w2')).toEqual({ beatMs: 1_000, superseded: [] });
      await engine.start('wf', { text: 'x' });
      const scheduled = await engine.until('TaskScheduled');
      expect(scheduled.data).toMatchObject({ assignment: { worker: 'w2', agent: 'writer', agentVersion: '1.0.0' } });
    });

    it('grants a claim with everything that the work needs', async () => {
      await started();
      expect(await channel.claim('w2', ref())).toEqual({
        verdict: 'go',
        input: { inline: { text: 'Ähre', deep: [1, { a: null }] } },
        feedback: [],
        deadlineAt: expect.stringMatching(/^\d{4}-.*Z$/),
        heartbeatMs: 5_000,
        journalFrom: 1,
      });
    });

    it('hands on why a gate refused the result before', async () => {
      await started();
      await succeed({ words: 1 });
      await engine.until('TaskAssigned');
      expect(await channel.claim('w2', ref(2))).toMatchObject({
        verdict: 'go',
        feedback: [{ gate: 'long-enough', message: expect.stringContaining('too short'), evidence: { value: false } }],
      });
    });

    it('answers a claim that is not to be worked on', async () => {
      await started();
      expect(await channel.claim('w2', ref(2))).toEqual({ verdict: 'superseded' });
      await succeed({ words: 3 });
      expect(await channel.claim('w2', ref())).toEqual({ verdict: 'done' });
    });

    it('makes a result durable before it answers, and takes a repeat', async () => {
      await started();
      await succeed({ words: 3 });
      expect(await engine.outputs()).toEqual({ words: 3 });
      await succeed({ words: 3 });
      expect((await engine.events()).filter(({ type }) => type === 'TaskSucceeded')).toHaveLength(1);
    });

    it('hands a failure over with its details', async () => {
      await started();
      const error = { code: 'NO_INK', message: 'the pen – é – is empty', retryable: false, details: { left: [0, null] } };
      await channel.report('w2', ref(), { outcome: 'failed', error, durationMs: 1 });
      const { code, message, details } = error;
      expect((await engine.until('TaskAttemptFailed')).data).toMatchObject({
        cause: 'error',
        retryAt: null,
        error: { code, message, details },
      });
    });

    it('takes an output of a megabyte in a blob’s stead', async () => {
      await started();
      const text = 'x'.repeat(1_000_000);
      const output = await engine.values.store({ words: 3, text });
      expect(output).toHaveProperty('blob');
      await channel.report('w2', ref(), { outcome: 'succeeded', output, durationMs: 1 });
      expect(await engine.outputs()).toEqual({ words: 3 });
    });

    it('throws what the owner throws', async () => {
      await announce('w2');
      const claim = channel.claim('w2', { runId: 'nowhere', task: 'x', attempt: 1 });
      await expect(claim).rejects.toMatchObject({ name: 'TuttiError', code: 'RUN_NOT_FOUND', kind: 'not-found', retryable: false });
    });

    it('knows a worker from its announcement to its departure', async () => {
      expect(await channel.beat('w2', { silent: [] })).toEqual({ known: false });
      await started();
      expect(await channel.beat('w2', { silent: [] })).toEqual({ known: true });
      await channel.depart('w2');
      expect(await channel.beat('w2', { silent: [] })).toEqual({ known: false });
      expect((await engine.until('TaskAttemptFailed')).data).toMatchObject({ cause: 'lost', worker: 'w2' });
    });

    it('gives nothing new to a worker that drains, whether it says so or announces it', async () => {
      await announce('w2');
      await channel.drain('w2');
      await engine.start('wf', { text: 'x' });
      expect((await engine.until('TaskScheduled')).data).toMatchObject({ assignment: null });
      await channel.announce({ worker: 'w2', pool: 'default', agents: AGENTS, holding: [], draining: true });
      expect(engine.router.waitingCount()).toBe(1);
      await announce('w2');
      await engine.until('TaskAssigned');
    });

    it('tells a worker that comes back what others have taken over', async () => {
      await started();
      await channel.claim('w2', ref());
      await engine.channel.depart('w2');
      expect(await announce('w2', [ref(), { ...ref(), runId: 'nowhere' }])).toEqual({
        beatMs: 1_000,
        superseded: [ref(), { ...ref(), runId: 'nowhere' }],
      });
    });

    it('ends an attempt whose agent is silent', async () => {
      await started();
      expect(await channel.beat('w2', { silent: [ref()] })).toEqual({ known: true });
      expect((await engine.until('TaskAttemptFailed')).data).toMatchObject({ cause: 'timeout', error: { code: 'TIMED_OUT' } });
    });

    it('takes hundreds of calls at once, each with its own answer', async () => {
      await started();
      const claims = Array.from({ length: 500 }, (_, index) => channel.claim('w2', index % 2 === 0 ? ref() : ref(7)));
      const verdicts = (await Promise.all(claims)).map(({ verdict }) => verdict);
      expect(verdicts).toEqual(claims.map((_, index) => (index % 2 === 0 ? 'go' : 'superseded')));
    });
  });
}

const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((one) => one.close()));

describeTaskChannel('a direct call', (channel) => Promise.resolve({ channel, close: () => undefined }));
describeTaskChannel('gRPC', async (owner) => connect(await serve(owner)));

describe('the stream of a worker', () => {
  const idle: TaskChannel = {
    announce: async () => ({ beatMs: 1_000, superseded: [] }),
    beat: async () => ({ known: true }),
    drain: async () => undefined,
    depart: async () => undefined,
    claim: async () => ({ verdict: 'done' }),
    report: async () => undefined,
  };

  it('waits for an owner that is not there yet, and hands everything over when it comes', async () => {
    let endpoint: (() => Promise<string>) | null = null;
    const { channel } = connect(() => (endpoint === null ? Promise.reject(new Error('nobody is here')) : endpoint()));
    const answers = Promise.all([channel.beat('w1', { silent: [] }), channel.claim('w1', ref())]);
    await pause(60);
    endpoint = await serve(idle);
    expect(await answers).toEqual([{ known: true }, { verdict: 'done' }]);
  });

  it('loses no result when the owner is killed and comes back elsewhere: each is handed over until it is answered', async () => {
    const durable = new Set<string>();
    const received: string[] = [];
    const owner = (dies: boolean): TaskChannel => ({
      ...idle,
      report: async (_, { task }) => {
        received.push(task);
        // The first owner takes half of them in and dies before it answers.
        if (dies) return new Promise(() => undefined);
        durable.add(task);
      },
    });
    const first = createGrpcServer();
    let endpoint = await serve(owner(true), first);
    const { channel } = connect(() => endpoint());
    const tasks = Array.from({ length: 300 }, (_, index) => `task-${index}`);
    const reports = Promise.all(
      tasks.map((task) => channel.report('w1', { ...ref(), task }, { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 })),
    );
    await until(() => received.length >= 150);
    first.forceShutdown();
    await pause(50);
    endpoint = await serve(owner(false));
    await reports;
    expect([...durable].sort()).toEqual([...tasks].sort());
  });

  it('has no more than its limit under way', async () => {
    let most = 0;
    let now = 0;
    const slow: TaskChannel = {
      ...idle,
      claim: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return { verdict: 'done' };
      },
    };
    const { channel } = connect(await serve(slow), { inFlight: 10 });
    await Promise.all(Array.from({ length: 200 }, () => channel.claim('w1', ref())));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(10);
  });

  it('refuses what would wait without end', async () => {
    const { channel } = connect(() => Promise.reject(new Error('nobody is here')), { pending: 3 });
    const waiting = Array.from({ length: 3 }, () => channel.beat('w1', { silent: [] }).catch((error: TuttiError) => error.code));
    await expect(channel.beat('w1', { silent: [] })).rejects.toMatchObject({ code: 'OVERLOADED', retryable: true });
    channel.close();
    expect(await Promise.all(waiting)).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN', 'SHUTTING_DOWN']);
    await expect(channel.beat('w1', { silent: [] })).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('is not opened without the token', async () => {
    const told: string[] = [];
    const seen: TaskChannel = { ...idle, beat: async (worker) => (told.push(worker), { known: true }) };
    let token = 'another-token-1234';
    const address = await serve(seen);
    const { channel } = connect(address, {}, () => token);
    const beat = channel.beat('w1', { silent: [] });
    await pause(100);
    expect(told).toEqual([]);
    token = TOKEN;
    expect(await beat).toEqual({ known: true });
  });

  it('belongs to one worker', async () => {
    const { channel } = connect(await serve(idle));
    await channel.beat('w1', { silent: [] });
    await expect(channel.beat('w2', { silent: [] })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

async function serve(owner: TaskChannel, server: Server = createGrpcServer()): Promise<() => Promise<string>> {
  serveTaskChannel(server, owner, { tokens: { verify }, timers: runtime.timers, logger: silentLogger });
  const address = `127.0.0.1:${await listenGrpc(server, '127.0.0.1', 0)}`;
  open.push({ close: () => server.forceShutdown() });
  return () => Promise.resolve(address);
}

async function verify(token: string): Promise<void> {
  if (token !== TOKEN) throw new TuttiError('UNAUTHENTICATED', 'not the token of the test');
}

function connect(address: () => Promise<string>, limits: Partial<ChannelLimits> = {}, token = () => TOKEN) {
  const channel = new GrpcTaskChannel({
    endpoint: async () => ({ address: await address(), token: token() }),
    runtime,
    logger: silentLogger,
    limits: { firstWaitMs: 5, longestWaitMs: 20, ...limits },
  });
  open.push(channel);
  return { channel, close: () => channel.close() };
}

function ref(attempt = 1): AttemptRef {
  return { runId: 'r1', task: 'draft', attempt };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void runtime.timers.after(ms, () => resolve()));
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (holds()) return;
    await pause(5);
  }
  throw new Error('did not happen within 10 s');
}
