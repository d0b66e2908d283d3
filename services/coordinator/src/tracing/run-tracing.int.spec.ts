import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inboxEvents, type RunEvent } from '@tutti/contracts';
import { eventMetadata, newEvent, TuttiError, type RecordedEvent } from '@tutti/kernel';
import { parseTraceparent } from '@tutti/service-kit';
import { recordTracing, type RecordedSpan, type RecordedTracing } from '@tutti/service-kit/testing';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';
import { failingStore } from '../testing/failing-store.js';

const AGENTS = [agent('worker', ['work'])];
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = '00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01';
const WEEK = 7 * 24 * 3_600_000;
const MINUTE = 60_000;

const echo: Handler = (work) => work.input ?? {};
const traceOf = (traceparent: string | null): string | undefined => parseTraceparent(traceparent)?.traceId;

describe('the traces of a run', () => {
  let engine: Engine;
  let tracing: RecordedTracing;
  let failing: TuttiError | null = null;
  beforeEach(() => {
    tracing = recordTracing();
    failing = null;
  });
  afterEach(() => engine.close());

  const boot = async (definition: string, handler: Handler = echo, agents = AGENTS): Promise<void> => {
    const refuse = (): void => {
      const error = failing;
      failing = null;
      if (error !== null) throw error;
    };
    engine = await startEngine(`name: wf\n${definition}`, handler, agents, (store) => failingStore(store, refuse));
    await again(agents);
  };
  const again = async (agents = AGENTS): Promise<void> => {
    await engine.crash();
    await engine.boot('w1', agents, { tracer: tracing.tracer });
  };
  const start = (runId = 'r1') => tracing.tracer.within(CALLER, () => engine.start('wf', {}, runId));
  const pass = async (ms: number): Promise<void> => {
    engine.silence();
    await engine.runtime.advance(ms);
  };
  const named = (name: string): readonly RecordedSpan[] => tracing.spans().filter((span) => span.name === name);
  const recorded = async (type: RunEvent['type'], runId = 'r1'): Promise<readonly (string | null)[]> => {
    const found: (string | null)[] = [];
    for await (const event of engine.store.readStream(`run-${runId}`)) if (event.type === type) found.push(event.metadata.traceparent);
    return found;
  };
  const all = async (runId = 'r1'): Promise<readonly RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    for await (const event of engine.store.readStream(`run-${runId}`)) events.push(event);
    return events;
  };

  it('stay one as long as it waits for nothing but work: each step is given away below the caller', async () => {
    await boot('steps: {a: {capability: work}, b: {needs: a, capability: work}}');
    await start();
    await engine.until('RunSucceeded');
    expect(await recorded('RunStarted')).toEqual([CALLER]);
    expect(await recorded('TaskSucceeded')).toEqual([CALLER, CALLER]);
    const given = named('schedule wf/work');
    expect(given.map(({ parentId, kind }) => [parentId, kind])).toEqual([
      ['b7ad6b7169203331', 'producer'],
      ['b7ad6b7169203331', 'producer'],
    ]);
    expect((await recorded('TaskScheduled')).map((each) => parseTraceparent(each)?.spanId)).toEqual(given.map(({ spanId }) => spanId));
    expect(named('run wf')).toMatchObject([{ parentId: 'b7ad6b7169203331', links: [{ spanId: 'b7ad6b7169203331' }] }]);
    expect(named('run wf')[0]?.attributes).toMatchObject({ 'tutti.run.id': 'r1', 'tutti.run.status': 'succeeded' });
  });

  it('begin with a span of their own for a run that nobody’s trace led to', async () => {
    await boot('steps: {a: {capability: work}}');
    await engine.start('wf', {});
    await engine.until('RunSucceeded');
    const [begun] = named('start wf');
    expect(begun).toMatchObject({ parentId: null });
    expect(new Set((await all()).map(({ metadata }) => traceOf(metadata.traceparent)))).toEqual(new Set([begun?.traceId]));
  });

  it.each([
    ['in one life of the coordinator', false],
    ['though another one takes it up meanwhile', true],
  ])('go on after a sleep of a week by a link, %s', async (_, crashes) => {
    await boot('steps: {a: {capability: work}, nap: {needs: a, sleep: 7d}, b: {needs: nap, capability: work}}');
    await start();
    await engine.until('TimerStarted');
    const before = tracing.spans().length;
    if (crashes) {
      await again();
      await engine.owner.recover('r1');
      expect(tracing.spans().length).toBe(before);
    }
    await pass(WEEK);
    await engine.channel.announce({ worker: 'w1', pool: 'default', agents: AGENTS, holding: [] });
    await engine.until('RunSucceeded');
    const [resumed] = named('resume wf');
    expect(named('resume wf')).toHaveLength(1);
    expect(resumed).toMatchObject({ parentId: null, links: [{ traceId: traceOf(CALLER) }] });
    expect(resumed?.traceId).not.toBe(traceOf(CALLER));
    const [, second] = named('schedule wf/work');
    expect(second).toMatchObject({ traceId: resumed?.traceId });
    expect(named('run wf')).toMatchObject([{ traceId: resumed?.traceId, links: [{ traceId: traceOf(CALLER) }] }]);
  });

  it('go on after a signal in the sender’s, with a link', async () => {
    await boot('steps: {w: {wait: {signal: go}}, b: {needs: w, capability: work}}');
    await start();
    await engine.until('SignalAwaited');
    const payload = await engine.values.store(1);
    const command = { type: 'SignalRun', signalId: 's1', name: 'go', payload, actor: 'user:ann' } as const;
    await tracing.tracer.within(OTHER, () => engine.owner.send('r1', command, { actor: 'user:ann' }));
    await engine.until('RunSucceeded');
    expect(named('resume wf')).toMatchObject([{ parentId: 'c7ad6b7169203331', links: [{ traceId: traceOf(CALLER) }] }]);
    expect(named('schedule wf/work')).toMatchObject([{ traceId: traceOf(OTHER), parentId: named('resume wf')[0]?.spanId }]);
  });

  it('go on after an event in the event’s, with a link', async () => {
    await boot('steps: {w: {wait: {event: paid}}, b: {needs: w, capability: work}}');
    await start();
    await engine.until('EventAwaited');
    const data = {
      ...{ source: 'shop', eventId: 'e1', eventType: 'paid', subject: null, occurredAt: null, data: { inline: 1 }, receivedFrom: 'api' },
    };
    const metadata = eventMetadata({ correlationId: 'e1', actor: 'user:test', traceparent: OTHER });
    await engine.store.append('inbox-shop', [newEvent(engine.runtime.ids.next(), inboxEvents.EventReceived, data, metadata)], 'any');
    await engine.until('RunSucceeded');
    expect(named('resume wf')).toMatchObject([{ parentId: 'c7ad6b7169203331', links: [{ traceId: traceOf(CALLER) }] }]);
  });

  it.each([
    ['10s', 10_000, 0],
    ['10m', 10 * MINUTE, 1],
  ])('of an attempt that comes after %s: a long wait begins one, a short one none', async (delay, delayMs, resumed) => {
    let tries = 0;
    const handler: Handler = () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return 1;
    };
    await boot(`steps: {a: {capability: work, retry: {maxAttempts: 2, initialInterval: ${delay}, maxInterval: 1h, jitter: 0}}}`, handler);
    await start();
    await engine.until('TaskAttemptFailed');
    await engine.runtime.advance(delayMs);
    await engine.until('RunSucceeded');
    expect(named('resume wf')).toHaveLength(resumed);
    const [first, second] = named('schedule wf/work');
    expect(first?.traceId === second?.traceId).toBe(resumed === 0);
    expect(named('run wf')[0]?.traceId).toBe(second?.traceId);
  });

  it('of a task that nobody could do for an hour begin when somebody can', async () => {
    await boot('steps: {a: {capability: work}}', echo, [agent('other', ['other'])]);
    await start();
    expect(named('schedule wf/work')).toEqual([]);
    await engine.runtime.advance(60 * MINUTE);
    await engine.channel.announce({ worker: 'w1', pool: 'default', agents: AGENTS, holding: [] });
    await engine.until('RunSucceeded');
    expect(named('resume wf')).toMatchObject([{ parentId: null, links: [{ traceId: traceOf(CALLER) }] }]);
    expect(named('schedule wf/work')).toMatchObject([{ traceId: named('resume wf')[0]?.traceId }]);
  });

  it('show nothing of what the store did not take', async () => {
    await boot('steps: {a: {capability: work}}', () => undefined);
    failing = new TuttiError('STORE_UNAVAILABLE', 'as the test says');
    await expect(start()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(tracing.spans()).toEqual([]);
    await start();
    expect(named('schedule wf/work')).toHaveLength(1);
  });

  it('show an attempt that was lost, with the code, and the next one beside it', async () => {
    await boot('steps: {a: {capability: work}}', () => undefined);
    await start();
    await engine.until('TaskScheduled');
    await engine.owner.send('r1', { type: 'LoseAttempt', task: 'a', attempt: 1, reason: 'gone', maxLost: 50 });
    const [lost] = named('give up wf');
    expect(lost).toMatchObject({ failed: true, parentId: 'b7ad6b7169203331' });
    expect(lost?.attributes).toMatchObject({ 'tutti.cause': 'lost', 'tutti.task.id': 'a', 'tutti.attempt': 1 });
    expect(named('schedule wf/work').map(({ attributes }) => attributes['tutti.attempt'])).toEqual([1, 2]);
  });

  it('end with the code of a failed run', async () => {
    await boot('steps: {a: {capability: work}}', () => {
      throw new RangeError('never');
    });
    await start();
    await engine.until('RunFailed');
    expect(named('run wf')).toMatchObject([{ failed: true, attributes: { 'tutti.run.status': 'failed' } }]);
  });

  it('are only passed on where nothing is traced', async () => {
    engine = await startEngine('name: wf\nsteps: {a: {capability: work}}', echo, AGENTS);
    const plan = engine.plans.plan('wf', 0);
    const inputs = await engine.values.store({});
    const request = { workflow: 'wf', workflowVersion: 1, definitionHash: plan.hash, labels: {}, requestHash: 'a'.repeat(64) };
    const command = { type: 'StartRun', runId: 'r1', inputs, idempotencyKey: null, actor: 'user:ann', ...request } as const;
    await engine.owner.start(plan, command, { actor: 'user:ann', traceparent: CALLER });
    await engine.until('RunSucceeded');
    expect(await recorded('RunStarted')).toEqual([CALLER]);
    expect(await recorded('TaskScheduled')).toEqual([CALLER]);
    expect(tracing.spans()).toEqual([]);
  });
});
