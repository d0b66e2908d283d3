import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, type AgentHost, type AgentMessage, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import {
  messagesTopicView,
  TASK_ASSIGNED,
  TASK_CANCELLED,
  tasksTopic,
  type AgentProfile,
  type AgentService,
  type AttemptOutcome,
  type AttemptRef,
  type TaskChannel,
  type WorkerAnnouncement,
} from '@tutti/contracts';
import { openEmbeddedEventBus, type EmbeddedEventBus } from '@tutti/event-bus/embedded';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError, type JsonObject } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createValueStore, silentLogger, type ValueStore } from '@tutti/service-kit';
import { MessageDesk } from '../messaging/message-desk.js';
import type { HostedAgent } from './hosted-agent.js';
import { profile as echo } from './task-runner-harness.js';
import { Worker } from './worker.js';

const profile = (name: string): AgentProfile => ({ ...echo, name });
const settings = {
  pool: 'default',
  drainMs: 5_000,
  abortGraceMs: 1_000,
  maxUnreportedResults: 100,
  reportRetryMs: 100,
  maxReportRetryMs: 1_000,
  maxJournalSteps: 1_000,
  maxJournalBytes: 1_000_000,
};
const TOPIC = tasksTopic('default');

/** Answers with its input; waits for `release` where the input says `wait`. */
class EchoAgent extends Agent {
  readonly inbox: AgentMessage[] = [];
  refuse = 0;
  release: (() => void) | null = null;

  override async processTask(task: AgentTask): Promise<JsonValue> {
    if (task.input === 'wait') await new Promise<void>((resolve) => (this.release = resolve));
    return task.input;
  }

  override receive(message: AgentMessage): Promise<void> {
    this.inbox.push(message);
    return this.refuse-- > 0 ? Promise.reject(new Error('not now')) : Promise.resolve();
  }

  say(recipient: string, content: JsonValue, replyTo?: string): Promise<void> {
    return this.send({ recipient, messageType: 'note', content, ...(replyTo === undefined ? {} : { replyTo }) });
  }

  save(state: JsonValue): Promise<void> {
    return this.saveState(state);
  }

  load(): Promise<JsonValue | null> {
    return this.loadState();
  }
}

let folder: string;
let runtime: ManualRuntime;
let store: EventStore;
let bus: EmbeddedEventBus;
let calls: string[];
let announced: WorkerAnnouncement[];
let reports: [AttemptRef, AttemptOutcome][];
let inputs: Record<string, JsonValue>;
let values: ValueStore;
let registered: Set<string>;
let workers: Worker[];

const channel: TaskChannel = {
  announce: (worker) => (calls.push('announce'), announced.push(worker), Promise.resolve({ beatMs: 1_000, superseded: [] })),
  beat: () => Promise.resolve({ known: true }),
  drain: () => (calls.push('drain'), Promise.resolve()),
  depart: () => (calls.push('depart'), Promise.resolve()),
  claim: (_, { task }) => Promise.resolve({ verdict: 'go', input: { inline: inputs[task] ?? null }, feedback: [], deadlineAt: null }),
  report: (_, attempt, outcome) => (calls.push(`report ${attempt.task}`), reports.push([attempt, outcome]), Promise.resolve()),
};
const agentService = {
  registerAgent: ({ profile: given }: { profile?: { name: string } }) => {
    calls.push(`register ${given?.name}`);
    registered.add(given?.name ?? '');
    return Promise.resolve({ changed: true, position: 0 });
  },
  getAgent: ({ name }: { name: string }) =>
    registered.has(name)
      ? Promise.resolve({ agent: { status: 'registered', generation: 1 } })
      : Promise.reject(new TuttiError('AGENT_NOT_FOUND', `there is no agent ${name}`)),
} as unknown as AgentService;

async function work(agents: Readonly<Record<string, Agent>>): Promise<Worker> {
  const hosted = Object.entries(agents).map(([name, instance]): HostedAgent => ({ profile: profile(name), instance }));
  const ports = { runtime, logger: silentLogger, bus, values, channel, agentService, store };
  const worker = new Worker(hosted, settings, ports, new MessageDesk(ports));
  await worker.start();
  workers.push(worker);
  return worker;
}

const assign = (worker: Worker, task: string, input: JsonValue = task): Promise<void> => {
  inputs[task] = input;
  const payload = { runId: 'run-1', task, step: task, capability: 'test.echo', attempt: 1, agent: 'echo', agentVersion: '1.0.0' };
  return bus.publish(TOPIC, [{ id: `assign-${task}`, type: TASK_ASSIGNED, key: `run-1/${task}`, member: worker.id, payload }]);
};

/** Lets the bus and the worker get on, in real turns of the loop, until it holds; bounded. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (holds()) return;
    await runtime.advance(5);
  }
  throw new Error(`${what} did not happen within 10 s of the clock`);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-worker-'));
  runtime = createManualRuntime();
  store = createInMemoryEventStore(runtime);
  bus = await openEmbeddedEventBus({ file: join(folder, 'bus.db'), store, views: [messagesTopicView], runtime });
  values = createValueStore({
    blobs: { put: () => Promise.reject(new Error('none')), get: () => Promise.reject(new Error('none')) },
    inlineLimitBytes: 1_000_000,
  });
  [calls, announced, reports, inputs, registered, workers] = [[], [], [], {}, new Set(), []];
});
afterEach(async () => {
  await stopAll();
  await bus.close();
  await rm(folder, { recursive: true });
});

describe('a worker', () => {
  it('registers and starts its agents before it announces itself', async () => {
    class Careful extends EchoAgent {
      override async start(host: AgentHost): Promise<void> {
        await super.start(host);
        calls.push(`start ${host.profile.name}`);
      }
    }
    const worker = await work({ echo: new Careful(), other: new Careful() });
    expect(calls).toEqual(['register echo', 'register other', 'start echo', 'start other', 'announce']);
    expect(announced).toEqual([{ worker: worker.id, pool: 'default', agents: [profile('echo'), profile('other')], holding: [] }]);
  });

  it('has another id in every life', async () => {
    const one = await work({});
    const other = await work({});
    expect(one.id).toMatch(/^worker-[0-9a-f-]{36}$/);
    expect(other.id).not.toBe(one.id);
  });

  it('does not start, and says which agent it was, when an agent cannot', async () => {
    class Broken extends EchoAgent {
      override start(): Promise<void> {
        return Promise.reject(new Error('no model'));
      }
    }
    await expect(work({ broken: new Broken() })).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: 'agent broken could not start: no model',
    });
    expect(announced).toEqual([]);
  });

  it('works on what is assigned to it, many tasks at once', async () => {
    const worker = await work({ echo: new EchoAgent() });
    await Promise.all(Array.from({ length: 300 }, (_, index) => assign(worker, `task-${index}`)));
    await until('every report', () => reports.length === 300);
    expect(reports.find(([{ task }]) => task === 'task-7')?.[1]).toMatchObject({ outcome: 'succeeded', output: { inline: 'task-7' } });
  });

  it('goes on taking tasks, and hears of cancellations, while others run', async () => {
    const worker = await work({ echo: new EchoAgent() });
    await assign(worker, 'slow', 'wait');
    await assign(worker, 'quick');
    await until('the quick one', () => reports.length === 1);
    const payload = { runId: 'run-1', task: 'slow', attempt: 1, reason: 'changed my mind' };
    await bus.publish(TOPIC, [{ id: 'cancel', type: TASK_CANCELLED, key: 'run-1/slow', member: worker.id, payload }]);
    await until('the cancelled one', () => reports.length === 2);
    expect(reports[1]).toMatchObject([{ task: 'slow' }, { outcome: 'failed', error: { code: 'CANCELLED' } }]);
  });

  it('puts a message that makes no sense aside and goes on', async () => {
    const worker = await work({ echo: new EchoAgent() });
    await bus.publish(TOPIC, [{ id: 'bad', type: TASK_ASSIGNED, key: 'bad', member: worker.id, payload: { runId: 7 } }]);
    await assign(worker, 'good');
    await until('the good one', () => reports.length === 1);
    for (let turn = 0; turn < 40; turn++) await runtime.advance(2_000);
    expect(await bus.deadLetters.list({ topic: TOPIC, group: 'workers' })).toMatchObject([
      { id: 'bad', error: expect.stringContaining('expected runId, task, attempt and agent') },
    ]);
  });

  it('waits at its stop for what ends in time, then departs', async () => {
    const echo = new EchoAgent();
    const worker = await work({ echo });
    await assign(worker, 'slow', 'wait');
    await until('the start', () => echo.release !== null);
    calls = [];
    const stopping = worker.stop();
    await runtime.advance(1_000);
    expect(calls).toEqual(['drain']);
    echo.release?.();
    await until('the departure', () => calls.includes('depart'));
    await stopping;
    expect(calls).toEqual(['drain', 'report slow', 'depart']);
  });

  it('departs though an agent never ends, within its limits, and reports nothing for it', async () => {
    const echo = new EchoAgent();
    const worker = await work({ echo });
    await assign(worker, 'slow', 'wait');
    await until('the start', () => echo.release !== null);
    calls = [];
    const stopping = worker.stop();
    await runtime.advance(settings.drainMs + settings.abortGraceMs * 1.5);
    await until('the departure', () => calls.includes('depart'));
    await stopping;
    expect(calls).toEqual(['drain', 'depart']);
  });
});

describe('messages between agents', () => {
  it('reach the recipient in order, with their content and times, and are kept', async () => {
    const [ada, bob] = [new EchoAgent(), new EchoAgent()];
    await work({ ada, bob });
    await ada.say('bob', { n: 1 });
    await runtime.advance(1_000);
    await ada.say('bob', { n: 2 }, 'earlier');
    await until('both messages', () => bob.inbox.length === 2);
    const [first, second] = bob.inbox;
    expect(first).toEqual({
      messageId: expect.any(String),
      sender: 'ada',
      recipient: 'bob',
      messageType: 'note',
      content: { n: 1 },
      timestamp: expect.any(String),
    });
    expect(second).toMatchObject({ content: { n: 2 }, replyTo: 'earlier' });
    expect(Date.parse(second?.timestamp ?? '') - Date.parse(first?.timestamp ?? '')).toBe(1_000);
    const kept: JsonObject[] = [];
    for await (const event of store.readStream('conversation-bob'))
      kept.push({ type: event.type, actor: event.metadata.actor, id: event.data['messageId'] ?? null });
    expect(kept).toEqual([
      { type: 'MessageSent', actor: 'agent:ada', id: first?.messageId ?? null },
      { type: 'MessageSent', actor: 'agent:ada', id: second?.messageId ?? null },
    ]);
  });

  it('come again, before the next one, when the recipient rejects', async () => {
    const [ada, bob] = [new EchoAgent(), new EchoAgent()];
    await work({ ada, bob });
    bob.refuse = 1;
    await ada.say('bob', 1);
    await ada.say('bob', 2);
    await until('all deliveries', () => bob.inbox.length === 3);
    expect(bob.inbox.map(({ content }) => content)).toEqual([1, 1, 2]);
  });

  it('wait for a recipient whose worker is away', async () => {
    const ada = new EchoAgent();
    await work({ ada });
    registered.add('bob');
    await ada.say('bob', 'are you there?');
    await stopAll();
    const bob = new EchoAgent();
    await work({ bob });
    await until('the message', () => bob.inbox.length === 1);
  });

  it('reach a recipient on whichever worker of the pool it is', async () => {
    const [ada, bob] = [new EchoAgent(), new EchoAgent()];
    await work({ ada });
    await work({ bob });
    for (let count = 1; count <= 5; count++) await ada.say('bob', count);
    await until('all messages', () => bob.inbox.length === 5);
    expect(ada.inbox).toEqual([]);
  });

  it('come again in the next life when the worker stops while one is received', async () => {
    class Absorbed extends EchoAgent {
      override async receive(message: AgentMessage): Promise<void> {
        await super.receive(message);
        await new Promise(() => {});
      }
    }
    const [absorbed, bob] = [new Absorbed(), new EchoAgent()];
    await work({ bob: absorbed });
    await absorbed.say('bob', 'note to self');
    await until('the message', () => absorbed.inbox.length === 1);
    await stopAll();
    await work({ bob });
    await until('the message again', () => bob.inbox.length === 1);
    expect(bob.inbox).toEqual(absorbed.inbox);
  });

  it('are refused for a recipient that nobody registered', async () => {
    const ada = new EchoAgent();
    await work({ ada });
    await expect(ada.say('nobody', 1)).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' });
    expect(await store.head()).toBe(-1);
  });
});

describe('the state of an agent', () => {
  it('is there in the next life, and null before the first save', async () => {
    const before = new EchoAgent();
    await work({ echo: before });
    expect(await before.load()).toBeNull();
    await before.save({ count: 1 });
    await before.save({ count: 2 });
    const after = new EchoAgent();
    await work({ echo: after });
    expect(await after.load()).toEqual({ count: 2 });
    expect(await store.head()).toBe(1);
  });

  it('is not overwritten unseen by a host that has an older one', async () => {
    const [one, other] = [new EchoAgent(), new EchoAgent()];
    await work({ echo: one });
    await work({ echo: other });
    await Promise.all([one.load(), other.load()]);
    await one.save('mine');
    await expect(other.save('yours')).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await expect(other.save('yours')).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    expect(await other.load()).toBe('mine');
    await other.save('yours');
    expect(await one.load()).toBe('yours');
  });

  it('takes saves of one host in the order of the calls', async () => {
    const echo = new EchoAgent();
    await work({ echo });
    await Promise.all([1, 2, 3].map((count) => echo.save(count)));
    expect(await echo.load()).toBe(3);
  });

  it('is refused when it is too large', async () => {
    const echo = new EchoAgent();
    await work({ echo });
    await expect(echo.save('x'.repeat(256 * 1024))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining('at most 262144'),
    });
  });
});

async function stopAll(): Promise<void> {
  for (const worker of workers.splice(0)) {
    let stopped = false;
    void worker.stop().then(() => (stopped = true));
    await until('the stop', () => stopped);
  }
}
