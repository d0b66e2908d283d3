import { afterEach, describe, expect, it } from '@jest/globals';
import { workflowEvents } from '@tutti/contracts';
import { eventMetadata, hashJson, newEvent } from '@tutti/kernel';
import { compileDefinition } from '../definition/compile-definition.js';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

const AGENTS = [agent('worker', ['work'])];
const DAY_MS = 24 * 60 * 60 * 1000;

const GATED = `
name: wf
steps:
  a: {capability: work, gates: [{name: ok, type: approval, title: ok?, payload: "\${{ output }}"}]}
  b: {capability: work, needs: a}
outputs: {b: "\${{ steps.b.output }}"}
`;
const TWO = `
name: wf
steps:
  a: {capability: work}
  b: {capability: work, needs: a}
outputs: {version: 1, b: "\${{ steps.b.output }}"}
`;
const NEWER = `
name: wf
steps:
  c: {capability: work}
outputs: {version: 2, c: "\${{ steps.c.output }}"}
`;
const TIMED = `
name: wf
steps:
  a: {capability: work, timeout: 10s, retry: {maxAttempts: 2, initialInterval: 1s, jitter: 0}}
outputs: {a: "\${{ steps.a.output }}"}
`;

let engine: Engine;
afterEach(() => engine.close());

const boot = async (definition: string, handler: Handler): Promise<void> => {
  engine = await startEngine(definition, handler, AGENTS);
};
const idle = async (): Promise<void> => {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const types = async (): Promise<readonly string[]> => (await engine.events('r1')).map(({ type }) => type);
const restart = async (awayMs = 0): Promise<void> => {
  await engine.crash();
  await engine.runtime.advance(awayMs);
  await engine.boot('w2', AGENTS);
  await engine.owner.recover('r1');
};

describe('a person who does not decide', () => {
  it('is waited for without limit, over a restart too, and nothing before the approval runs again', async () => {
    await boot(GATED, ({ step }) => step);
    await engine.start('wf', {});
    await engine.until('ApprovalRequested');
    await engine.runtime.advance(60_000);
    await restart(400 * DAY_MS);
    await idle();
    expect((await types()).at(-1)).toBe('ApprovalRequested');
    const decision = { type: 'DecideApproval', approvalId: 'r1.a.ok.1', approved: true, actor: 'user:ann', reason: '' } as const;
    await engine.owner.send('r1', { ...decision, payloadHash: hashJson('a') });
    expect(await engine.outputs()).toEqual({ b: 'b' });
    expect(engine.executed.map(({ step }) => step)).toEqual(['a', 'b']);
  });
});

describe('a definition that changes while a run of it is under way', () => {
  const registerNewer = async (): Promise<void> => {
    const compiled = compileDefinition(NEWER);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    const definition = workflowEvents.WorkflowVersionRegistered;
    const data = { name: 'wf', version: 2, description: '', definition: compiled.document, source: NEWER, registeredBy: 'user:test' };
    const metadata = eventMetadata({ correlationId: 'wf', actor: 'user:test' });
    const event = newEvent(engine.runtime.ids.next(), definition, { ...data, hash: compiled.plan.hash }, metadata);
    await engine.store.append('workflow-wf', [event], 'any');
    await engine.plans.refresh('wf');
  };

  it('changes nothing for that run, over a restart too; the next run has the new one', async () => {
    const held = Promise.withResolvers<string>();
    await boot(TWO, ({ step, attempt }) => (step === 'a' && attempt === 1 ? held.promise : step));
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await registerNewer();
    await restart();
    expect(await engine.outputs()).toEqual({ version: 1, b: 'b' });
    await engine.start('wf', {}, 'r2');
    expect(await engine.outputs('r2')).toEqual({ version: 2, c: 'c' });
    held.resolve('too late');
  });
});

describe('a clock that jumps', () => {
  /** Moves the wall clock alone, as somebody who sets it does. */
  const jump = (byMs: number): void => {
    const before = engine.runtime.clock.now;
    Object.assign(engine.runtime.clock, { now: () => before() + byMs });
  };
  const begin = async (): Promise<void> => {
    await boot(TIMED, ({ attempt }) => (attempt === 1 ? undefined : 'again'));
    await engine.start('wf', {});
    await engine.until('TaskScheduled');
    await engine.runtime.advance(1_000);
  };

  it('back: ends no attempt early, and loses no deadline: it comes when the clock says so', async () => {
    await begin();
    jump(-60_000);
    await engine.runtime.advance(30_000);
    expect(await types()).not.toContain('TaskAttemptFailed');
    await engine.runtime.advance(60_000);
    expect(await engine.outputs()).toEqual({ a: 'again' });
  });

  it('forward: ends an attempt no later than without the jump, and tries again after the step’s interval', async () => {
    await begin();
    jump(60_000);
    await engine.runtime.advance(9_000);
    expect(await types()).toContain('TaskAttemptFailed');
    await engine.runtime.advance(2_000);
    expect(await engine.outputs()).toEqual({ a: 'again' });
  });
});
