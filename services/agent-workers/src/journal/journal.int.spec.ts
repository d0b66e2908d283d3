import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, type AgentContext, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import { TASK_ASSIGNED, tasksTopic, type AttemptOutcome, type TaskChannel } from '@tutti/contracts';
import { openEmbeddedEventBus, type EmbeddedEventBus } from '@tutti/event-bus/embedded';
import { openEmbeddedEventStore, type EmbeddedEventStore } from '@tutti/event-store/embedded';
import { createSystemRuntime, createValueStore, silentLogger } from '@tutti/service-kit';
import { agentWorkersConfig } from '../agent-workers.config.js';
import { Worker, type WorkerPorts } from '../hosting/worker.js';
import { MessageDesk } from '../messaging/message-desk.js';
import { taskStream } from './task-journal.js';

const CALLS = 10;
const runtime = createSystemRuntime();
const settings = agentWorkersConfig.parse({ drainMs: 0, abortGraceMs: 1, killGraceMs: 0, reportRetryMs: 1 });

/** A model that is paid for by the call; it answers as often as it is told to, and then no more. */
class Model {
  readonly asked: string[] = [];
  answers = Infinity;
  hangs: Promise<unknown> = new Promise(() => {});

  async ask(prompt: string): Promise<string> {
    if (this.asked.length >= this.answers) await this.hangs;
    this.asked.push(prompt);
    return `answer to ${prompt}`;
  }
}

class Writer extends Agent {
  constructor(private readonly model: Model) {
    super();
  }

  override async processTask({ capability }: AgentTask, context: AgentContext): Promise<JsonValue> {
    if (capability === 'no.steps') return 'none';
    const parts: JsonValue[] = [];
    for (let part = 1; part <= CALLS; part++) {
      parts.push(await context.step('ask', () => this.model.ask(`part ${part}`), { sideEffect: 'pure', input: { part } }));
    }
    return parts;
  }
}

let folder: string;
let store: EmbeddedEventStore;
let bus: EmbeddedEventBus;
let model: Model;
let worker: Worker;
let outcomes: Map<number, AttemptOutcome>;
let reads: string[];

const channel: TaskChannel = {
  announce: () => Promise.resolve({ beatMs: 60_000, superseded: [] }),
  beat: () => Promise.resolve({ known: true }),
  drain: () => Promise.resolve(),
  depart: () => Promise.resolve(),
  claim: () => Promise.resolve({ verdict: 'go', input: { inline: null }, feedback: [], deadlineAt: null }),
  report: (_, { attempt }, outcome) => (outcomes.set(attempt, outcome), Promise.resolve()),
};
const answer = { outcome: 'succeeded', output: { inline: Array.from({ length: CALLS }, (_, index) => `answer to part ${index + 1}`) } };

/** A process with one worker on the files as they are. */
async function start(): Promise<void> {
  store = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime });
  bus = await openEmbeddedEventBus({ file: join(folder, 'bus.db'), store, views: [], runtime });
  const { readStream } = store;
  store.readStream = (stream, options) => (reads.push(stream), readStream.call(store, stream, options));
  const blobs = { put: () => Promise.reject(new Error('none')), get: () => Promise.reject(new Error('none')) };
  const values = createValueStore({ blobs, inlineLimitBytes: 64 * 1024 });
  const agentService = { registerAgent: () => Promise.resolve({ changed: true, position: 0 }) } as unknown as WorkerPorts['agentService'];
  const ports = { runtime, logger: silentLogger, bus, values, channel, store, agentService };
  const profile = {
    ...{ name: 'writer', version: '1.0.0', description: '', role: '', capabilities: ['texts.write', 'no.steps'], specialisations: [] },
    ...{ prompt: '', model: '', tools: [], limits: { concurrency: 10, timeoutMs: 0 }, kind: 'class' as const, metadata: {} },
  };
  const desk = new MessageDesk({ ...ports, agentService: { getAgent: () => Promise.reject(new Error('none')) } });
  worker = new Worker([{ profile, instance: new Writer(model) }], settings, ports, desk);
  await worker.start();
}

async function end(): Promise<void> {
  await worker.stop();
  await bus.close();
  await store.close();
}

function assign(attempt: number, capability = 'texts.write'): Promise<void> {
  const payload = { runId: 'run-1', task: 'text', step: 'text', capability, attempt, agent: 'writer', agentVersion: '1.0.0' };
  return bus.publish(tasksTopic('default'), [{ id: `${attempt}`, type: TASK_ASSIGNED, key: 'text', member: worker.id, payload }]);
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const limit = runtime.clock.monotonic() + 10_000; !(await holds());) {
    if (runtime.clock.monotonic() > limit) throw new Error(`${what} did not happen within 10 s`);
    await new Promise<void>((resolve) => runtime.timers.after(1, resolve));
  }
}

async function recorded(): Promise<number> {
  let count = 0;
  for await (const { type } of store.readStream(taskStream('run-1', 'text'))) if (type === 'TaskStepSucceeded') count++;
  return count;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-journal-'));
  [model, reads] = [new Model(), []];
  outcomes = new Map();
  await start();
});
afterEach(async () => {
  await end();
  await rm(folder, { recursive: true });
});

describe('an agent that asks a model ten times', () => {
  it.each(Array.from({ length: CALLS + 1 }, (_, after) => after))(
    'asks nothing twice when its process ends after %i answers were recorded',
    async (after) => {
      model.answers = after;
      await assign(1);
      await until(`${after} answers`, async () => model.asked.length === after && (await recorded()) === after);
      await end();
      model.answers = Infinity;
      await start();
      await assign(2);
      await until('the result', () => outcomes.has(2));
      expect(outcomes.get(2)).toMatchObject(answer);
      expect(model.asked).toEqual(Array.from({ length: CALLS }, (_, index) => `part ${index + 1}`));
    },
  );

  it('is kept out by the next attempt when it comes back late, and its answer is not recorded', async () => {
    model.answers = 3;
    let comeBack: (value?: unknown) => void = () => undefined;
    model.hangs = new Promise((resolve) => (comeBack = resolve));
    await assign(1);
    await until('three answers', async () => (await recorded()) === 3);
    model.answers = Infinity;
    await assign(2);
    await until('the second result', () => outcomes.has(2));
    comeBack();
    await until('the first result', () => outcomes.has(1));
    expect(outcomes.get(1)).toMatchObject({
      outcome: 'failed',
      error: { code: 'CANCELLED', message: expect.stringContaining('superseded') },
    });
    expect(outcomes.get(2)).toMatchObject(answer);
    expect(await recorded()).toBe(CALLS);
  });

  it('has its journal read once by each attempt', async () => {
    await assign(1);
    await until('the result', () => outcomes.has(1));
    expect(reads.filter((stream) => stream.startsWith('task-'))).toEqual(['task-run-1/text']);
  });
});

describe('an agent without steps', () => {
  it('has no journal, and none is looked for', async () => {
    await assign(1, 'no.steps');
    await until('the result', () => outcomes.has(1));
    expect(reads.filter((stream) => stream.startsWith('task-'))).toEqual([]);
    expect(await store.head()).toBe(-1);
  });
});
