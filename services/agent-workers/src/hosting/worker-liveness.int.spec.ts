import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, type AgentContext, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import {
  TASK_ASSIGNED,
  tasksTopic,
  type AgentProfile,
  type AgentService,
  type AttemptOutcome,
  type AttemptRef,
  type TaskChannel,
  type WorkerAnnouncement,
  type WorkerBeat,
} from '@tutti/contracts';
import type { EventBus } from '@tutti/event-bus';
import { createInMemoryEventBus } from '@tutti/event-bus/in-memory';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createValueStore, silentLogger } from '@tutti/service-kit';
import { MessageDesk } from '../messaging/message-desk.js';
import { Worker } from './worker.js';

const profile = (name: string): AgentProfile => ({
  ...{ name, version: '1.0.0', description: '', role: '', capabilities: ['test'], specialisations: [], prompt: '', model: '', tools: [] },
  ...{ limits: { concurrency: 10, timeoutMs: 0 }, kind: 'class', metadata: {} },
});
const settings = {
  ...{ pool: 'default', drainMs: 5_000, abortGraceMs: 1_000, maxUnreportedResults: 100, reportRetryMs: 100, maxReportRetryMs: 1_000 },
  ...{ maxJournalSteps: 1_000, maxJournalBytes: 1_000_000 },
};
const TOPIC = tasksTopic('default');

/** Waits until it is released, or its attempt aborted. */
class Waiting extends Agent {
  signal: AbortSignal | null = null;
  context: AgentContext | null = null;
  release: (() => void) | null = null;

  override processTask(_task: AgentTask, context: AgentContext): Promise<JsonValue> {
    [this.signal, this.context] = [context.signal, context];
    return new Promise((resolve, reject) => {
      this.release = () => resolve('done');
      context.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  }
}

let runtime: ManualRuntime;
let bus: EventBus;
let announced: WorkerAnnouncement[];
let beats: WorkerBeat[];
let reports: [AttemptRef, AttemptOutcome][];
let workers: Worker[];
let knows: boolean;
let superseded: AttemptRef[];
/** What a claim is asked before it is granted. */
let fail: () => void;

const channel: { -readonly [Method in keyof TaskChannel]: TaskChannel[Method] } = {
  announce: async (worker) => (announced.push(worker), { beatMs: 1_000, superseded }),
  beat: async (_, beat) => (beats.push(beat), { known: knows }),
  drain: async () => undefined,
  depart: async () => undefined,
  claim: async (_, { task }) => {
    fail();
    const go = { verdict: 'go', input: { inline: null }, feedback: [], deadlineAt: null } as const;
    return task === 'watched' ? { ...go, heartbeatMs: 5_000 } : go;
  },
  report: async (_, attempt, outcome) => void reports.push([attempt, outcome]),
};

beforeEach(() => {
  runtime = createManualRuntime();
  [announced, beats, reports, workers, knows, superseded, fail] = [[], [], [], [], true, [], () => undefined];
});
afterEach(stopAll);

describe('a worker and its owner', () => {
  it('keeps telling that it lives, as often as the owner wants, until it has departed', async () => {
    const worker = await work({ waiting: new Waiting() });
    await runtime.advance(3_500);
    expect(beats).toEqual([{ silent: [] }, { silent: [] }, { silent: [] }]);
    await stopAll();
    await runtime.advance(5_000);
    expect([beats.length, worker.id]).toEqual([3, announced[0]?.worker]);
  });

  it('announces itself again, with what it holds, to an owner that does not know it, and drops what another attempt has taken over', async () => {
    const [kept, lost] = [new Waiting(), new Waiting()];
    const worker = await work({ kept, lost });
    await assign(worker, 'kept', 'kept');
    await assign(worker, 'lost', 'lost');
    await until('both tasks', () => kept.release !== null && lost.signal !== null);
    [knows, superseded] = [false, [ref('lost')]];
    await until('the announcement', () => announced.length === 2);
    knows = true;
    expect(announced[1]).toMatchObject({ worker: worker.id, holding: [ref('kept'), ref('lost')] });
    await until('the end of the lost one', () => lost.signal?.aborted === true);
    kept.release?.();
    await until('the result', () => reports.some(([{ task }]) => task === 'kept'));
    expect(reports.find(([{ task }]) => task === 'kept')?.[1]).toMatchObject({ outcome: 'succeeded' });
  });

  it('announces itself at once, with what it holds, when one has come who does not know it, and drops what it hears of late', async () => {
    const [kept, lost] = [new Waiting(), new Waiting()];
    let come = (): void => undefined;
    channel.onStranger = (listener) => ((come = listener), () => (come = () => undefined));
    const worker = await work({ kept, lost });
    delete channel.onStranger;
    await assign(worker, 'kept', 'kept');
    await assign(worker, 'lost', 'lost');
    await until('both tasks', () => kept.release !== null && lost.signal !== null);
    const before = announced.length;
    come();
    await runtime.advance(0);
    expect(announced.slice(before)).toMatchObject([{ worker: worker.id, holding: [ref('kept'), ref('lost')] }]);
    const { beat } = channel;
    channel.beat = async (...sign) => ({ ...(await beat(...sign)), superseded: [ref('lost')] });
    await until('the end of the lost one', () => lost.signal?.aborted === true);
    channel.beat = beat;
    expect([kept.signal?.aborted, announced.length]).toEqual([false, before + 1]);
    await stopAll();
    come();
    expect(announced).toHaveLength(before + 1);
  });

  it('goes on telling while the owner is away, one sign of life at a time', async () => {
    await work({ waiting: new Waiting() });
    let answer = (): void => undefined;
    const { beat } = channel;
    channel.beat = (worker, sign) => new Promise((resolve) => (answer = () => resolve(beat(worker, sign))));
    await runtime.advance(30_000);
    channel.beat = beat;
    answer();
    await runtime.advance(1_000);
    expect(beats).toHaveLength(2);
  });

  it('names an attempt whose agent is silent for longer than its step allows, and no other', async () => {
    const [quiet, chatty] = [new Waiting(), new Waiting()];
    const worker = await work({ quiet, chatty });
    await assign(worker, 'unwatched', 'quiet');
    await assign(worker, 'watched', 'chatty');
    await until('the start', () => chatty.context !== null && quiet.context !== null);
    for (let second = 0; second < 10; second++) {
      chatty.context?.heartbeat({ at: 'work' });
      await runtime.advance(1_000);
    }
    expect(beats.flatMap(({ silent }) => silent)).toEqual([]);
    await runtime.advance(8_000);
    expect(beats.at(-1)).toEqual({ silent: [ref('watched')] });
  });

  it('asks for a claim until the owner answers, however long that takes', async () => {
    const waiting = new Waiting();
    const worker = await work({ waiting });
    let refusals = 40;
    fail = () => {
      if (refusals-- > 0) throw new TuttiError('SHUTTING_DOWN', 'the owner is away');
    };
    await assign(worker, 'late', 'waiting');
    await runtime.advance(100_000);
    waiting.release?.();
    await until('the result', () => reports.length === 1);
    expect(refusals).toBe(-1);
  });
});

async function work(agents: Readonly<Record<string, Agent>>): Promise<Worker> {
  const store = createInMemoryEventStore(runtime);
  bus = createInMemoryEventBus(runtime);
  const values = createValueStore({
    blobs: { put: () => Promise.reject(new Error('none')), get: () => Promise.reject(new Error('none')) },
    inlineLimitBytes: 1_000_000,
  });
  const agentService = { registerAgent: async () => ({}) } as unknown as AgentService;
  const ports = { runtime, logger: silentLogger, bus, values, channel, agentService, store };
  const hosted = Object.entries(agents).map(([name, instance]) => ({ profile: profile(name), instance }));
  const worker = new Worker(hosted, settings, ports, new MessageDesk(ports));
  await worker.start();
  workers.push(worker);
  return worker;
}

function assign(worker: Worker, task: string, agent: string): Promise<void> {
  const payload = { ...ref(task), step: task, capability: 'test', agent, agentVersion: '1.0.0' };
  return bus.publish(TOPIC, [{ id: `assign-${task}`, type: TASK_ASSIGNED, key: `run-1/${task}`, member: worker.id, payload }]);
}

function ref(task: string): AttemptRef {
  return { runId: 'run-1', task, attempt: 1 };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (holds()) return;
    await runtime.advance(5);
  }
  throw new Error(`${what} did not happen within 10 s of the clock`);
}

async function stopAll(): Promise<void> {
  for (const worker of workers.splice(0)) {
    let stopped = false;
    void worker.stop().then(() => (stopped = true));
    await until('the stop', () => stopped);
  }
}
