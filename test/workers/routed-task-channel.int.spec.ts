import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Server } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { partitionOf, PARTITIONS, type AttemptRef, type ClaimAnswer, type TaskChannel, type WorkerAnnouncement } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { createGrpcServer, createSystemRuntime, listenGrpc, silentLogger } from '@tutti/service-kit';
import type { PartitionTable } from '@tutti/service-process';
import { GrpcTaskChannel } from '../../services/agent-workers/src/channel/grpc-task-channel.js';
import { RoutedTaskChannel } from '../../services/agent-workers/src/channel/routed-task-channel.js';
import { serveTaskChannel } from '../../services/coordinator/src/tasks/serve-task-channel.js';

const TOKEN = 'token-of-the-test';
const GO: ClaimAnswer = { verdict: 'go', input: { inline: null }, feedback: [], deadlineAt: null };
const DONE = { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 } as const;
const runtime = createSystemRuntime();
const wait = (ms: number): Promise<void> => new Promise((resolve) => void runtime.timers.after(ms, resolve));

/** A coordinator in a process of its own, as far as workers see it. */
interface Coordinator {
  readonly id: string;
  readonly address: string;
  readonly server: Server;
  readonly announced: WorkerAnnouncement[];
  readonly asked: string[];
  /** Runs that it takes for another's. */
  readonly notMine: Set<string>;
  /** What it has been asked is answered once this is. */
  hold: Promise<void>;
}

let coordinators: Coordinator[];
let table: PartitionTable;
let listeners: Set<() => void>;
let channel: RoutedTaskChannel;
beforeEach(() => {
  [coordinators, listeners] = [[], new Set()];
  table = { version: 0, owners: new Array<null>(PARTITIONS).fill(null), addresses: new Map() };
  const partitions = {
    get table() {
      return table;
    },
    onChange: (listener: () => void) => (listeners.add(listener), () => listeners.delete(listener)),
    refresh: () => Promise.resolve(),
  };
  const limits = { firstWaitMs: 20, longestWaitMs: 100, keepAliveMs: 200, keepAliveLimitMs: 200 };
  const connect = (address: string): GrpcTaskChannel =>
    new GrpcTaskChannel({ endpoint: async () => ({ address, token: TOKEN }), runtime, logger: silentLogger, limits });
  channel = new RoutedTaskChannel({ partitions, connect, runtime, logger: silentLogger });
});
afterEach(() => {
  channel.close();
  for (const { server } of coordinators) server.forceShutdown();
});

async function serve(id: string): Promise<Coordinator> {
  const server = createGrpcServer();
  const state = { announced: [] as WorkerAnnouncement[], asked: [] as string[], notMine: new Set<string>(), hold: Promise.resolve() };
  const owned = async <Answer>(what: string, { runId }: AttemptRef, answer: Answer): Promise<Answer> => {
    state.asked.push(`${what} ${runId}`);
    await state.hold;
    if (state.notMine.has(runId)) throw new TuttiError('SHUTTING_DOWN', `not mine: ${runId}`, { details: { begun: false, runId } });
    return answer;
  };
  const owner: TaskChannel = {
    announce: async (announcement) => (state.announced.push(announcement), { beatMs: 1_000, superseded: [] }),
    beat: async () => ({ known: state.announced.length > 0 }),
    drain: () => Promise.resolve(),
    depart: () => Promise.resolve(),
    claim: (_, attempt) => owned('claim', attempt, GO),
    report: (_, attempt) => owned('report', attempt, undefined),
  };
  const verify = (token: string): Promise<void> =>
    token === TOKEN ? Promise.resolve() : Promise.reject(new TuttiError('UNAUTHENTICATED', 'no'));
  serveTaskChannel(server, owner, { tokens: { verify }, timers: runtime.timers, logger: silentLogger });
  const coordinator = Object.assign(state, { id, server, address: `127.0.0.1:${await listenGrpc(server, '127.0.0.1', 0)}` });
  coordinators.push(coordinator);
  return coordinator;
}

function own(first: Coordinator, others: Readonly<Record<string, Coordinator | null>> = {}, idle: readonly Coordinator[] = []): void {
  const owners = new Array<string | null>(PARTITIONS).fill(first.id);
  for (const [runId, owner] of Object.entries(others)) owners[partitionOf(runId)] = owner?.id ?? null;
  const there = [first, ...Object.values(others), ...idle].filter((each) => each !== null);
  table = { version: table.version + 1, owners, addresses: new Map(there.map(({ id, address }) => [id, address])) };
  for (const listener of listeners) listener();
}

const of = (runId: string): AttemptRef => ({ runId, task: 't', attempt: 1 });
const announcement = (holding: readonly AttemptRef[] = []): WorkerAnnouncement => ({
  ...{ worker: 'w', pool: 'default', agents: [], holding, draining: false },
});

describe('the task channel to several coordinators by gRPC', () => {
  it('makes the worker known to each, and has its tasks with the owners of their runs', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    own(a, { r2: b });
    expect(await channel.announce(announcement([of('r1')]))).toEqual({ beatMs: 1_000, superseded: [] });
    expect(await Promise.all(['r1', 'r2'].map((runId) => channel.claim('w', of(runId))))).toMatchObject([
      { verdict: 'go' },
      { verdict: 'go' },
    ]);
    await channel.report('w', of('r2'), DONE);
    expect([a.announced, b.announced]).toEqual([[announcement([of('r1')])], [announcement([of('r1')])]]);
    expect([a.asked, b.asked]).toEqual([['claim r1'], ['claim r2', 'report r2']]);
    expect(await channel.beat('w', { silent: [] })).toEqual({ known: true });
  });

  it('keeps the results of an owner that dies for the next one', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    own(a, {}, [b]);
    a.hold = new Promise(() => undefined);
    const reports = Array.from({ length: 500 }, (_, index) => channel.report('w', of(`r${index}`), DONE));
    while (a.asked.length < 500) await wait(5);
    a.server.forceShutdown();
    await wait(100);
    own(b);
    await Promise.all(reports);
    expect(b.asked).toHaveLength(500);
  });

  it('hands every result over while runs move to and fro, whoever believes to own them', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    own(a, {}, [b]);
    const runs = Array.from({ length: 200 }, (_, index) => `r${index}`);
    const reports = runs.map((runId) => channel.report('w', of(runId), DONE));
    for (let move = 0; move < 6; move++) {
      await wait(10);
      const [owner, other] = move % 2 === 0 ? [b, a] : [a, b];
      // The one that loses them learns of it first, the one that gets them last.
      for (const runId of runs) other.notMine.add(runId);
      own(owner, {}, [other]);
      await wait(10);
      owner.notMine.clear();
    }
    await Promise.all(reports);
    const answeredBy = new Set([...a.asked, ...b.asked].map((what) => what.split(' ')[1]));
    expect(answeredBy.size).toBe(runs.length);
  });

  it('waits for somebody to answer for a run, while other runs do not wait', async () => {
    const a = await serve('a');
    own(a, { r2: null });
    const waiting = channel.claim('w', of('r2'));
    await channel.claim('w', of('r1'));
    await wait(150);
    expect(a.asked).toEqual(['claim r1']);
    own(a);
    expect(await waiting).toMatchObject({ verdict: 'go' });
  });

  it('hands results over to an owner whose connection broke without a word', async () => {
    const a = await serve('a');
    const sockets: Socket[] = [];
    const wall = createServer((near) => {
      const far = createConnection({ host: '127.0.0.1', port: Number(a.address.split(':')[1]) });
      sockets.push(near, far);
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => wall.listen(0, '127.0.0.1', resolve));
    own({ ...a, address: `127.0.0.1:${(wall.address() as AddressInfo).port}` });
    await channel.claim('w', of('r1'));
    for (const socket of sockets) socket.unpipe().pause();
    await channel.report('w', of('r1'), DONE);
    expect(a.asked).toEqual(['claim r1', 'report r1']);
    for (const socket of sockets) socket.destroy();
    wall.close();
  });

  it('begins nothing by the leave of an old owner that did not know better', async () => {
    const [a, b] = [await serve('a'), await serve('b')];
    own(a, {}, [b]);
    const released = Promise.withResolvers<void>();
    a.hold = released.promise;
    const claimed = channel.claim('w', of('r1'));
    while (a.asked.length === 0) await wait(5);
    own(b, {}, [a]);
    released.resolve();
    await claimed;
    expect(b.asked).toEqual(['claim r1']);
  });
});
