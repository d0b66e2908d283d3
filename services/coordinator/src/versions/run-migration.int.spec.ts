import { afterEach, describe, expect, it } from '@jest/globals';
import { runEvents, type RunEvent } from '@tutti/contracts';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata, newEvent, type JsonObject, type JsonValue } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { compileDefinition } from '../definition/compile-definition.js';
import { runStream } from '../owner/run-loader.js';
import { agent, Engine, type Handler } from '../testing/engine.js';
import { WorkflowStreams } from '../workflow/workflow-streams.js';
import { RunMigration } from './run-migration.js';

const COMMON = `name: wf
inputs: {type: object}
steps:
  a: {capability: work, output: {type: object}}
  each: {capability: work, needs: a, forEach: {items: "\${{ [1, 2] }}"}}
  b: {capability: work, needs: each, gates: [{name: ok, type: approval, title: "Go on?"}]}
`;
const OLD = `${COMMON}  c: {capability: work, needs: b}
  e: {capability: work, needs: c}
outputs: {version: 1, e: "\${{ steps.e.output }}"}
`;
const NEW = `${COMMON}  c: {capability: more, needs: b}
  d: {capability: work, needs: c, with: {a: "\${{ steps.a.output.step }}"}}
outputs: {version: 2, d: "\${{ steps.d.output }}"}
`;
const AGENTS = [agent('worker', ['work', 'more'])];
const answer: Handler = ({ step, input }) => ({ step, input });

let engine: Engine;
afterEach(() => engine.close());

const createEngine = (): Engine => {
  const runtime = createManualRuntime();
  engine = new Engine(createInMemoryEventStore(runtime), runtime, answer);
  return engine;
};
const register = async (source: string): Promise<void> => {
  const compiled = compileDefinition(source);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  const { definition, plan, document } = compiled;
  const version = { name: definition.name, description: '', hash: plan.hash, definition: document, source, registeredBy: 'user:test' };
  const streams = new WorkflowStreams(engine.store, engine.plans, engine.runtime);
  await streams.handle({ type: 'RegisterWorkflowVersion', ...version }, 'user:test');
};
const migration = (): RunMigration => new RunMigration(engine.owner, engine.plans, engine.values);
const request = (more: JsonObject = {}) => ({
  runId: 'r1',
  toVersion: 0,
  mapping: {},
  actor: 'user:ann',
  reason: 'a better plan',
  ...more,
});
const by = { actor: 'user:ann', reason: '' };

const openApproval = (events: readonly RunEvent[]): string | null => {
  const ended = new Set(
    events.flatMap((event) => (event.type === 'ApprovalDecided' || event.type === 'ApprovalVoided' ? [event.data.approvalId] : [])),
  );
  const asked = events.findLast((event) => event.type === 'ApprovalRequested');
  return asked?.type === 'ApprovalRequested' && !ended.has(asked.data.approvalId) ? asked.data.approvalId : null;
};
/** Approves what is asked, until the run has ended. */
const finish = async (): Promise<JsonValue> => {
  for (let turn = 0; turn < 500_000; turn++) {
    const events = await engine.events();
    if (events.some(({ type }) => type === 'RunSucceeded' || type === 'RunFailed')) break;
    const approvalId = openApproval(events);
    const asked = events.findLast((event) => event.type === 'ApprovalRequested');
    if (approvalId !== null && asked?.type === 'ApprovalRequested') {
      const { payloadHash } = asked.data;
      await engine.owner.send('r1', { type: 'DecideApproval', approvalId, approved: true, payloadHash, ...by });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return engine.outputs();
};
/** A run as it stands after so many of its events, in an engine that has just come up. */
const standAt = async (log: readonly RunEvent[]): Promise<void> => {
  createEngine();
  await engine.boot('w1', AGENTS);
  await register(OLD);
  await register(NEW);
  const metadata = eventMetadata({ correlationId: 'r1', actor: 'user:test' });
  const events = log.map(({ type, data }) => newEvent(engine.runtime.ids.next(), runEvents[type], data, metadata));
  await engine.store.append(runStream('r1'), events, 'no-stream');
};
const reboot = async (): Promise<void> => {
  await engine.crash();
  await engine.boot('w1', AGENTS);
  await engine.owner.recover('r1');
};
const stepsOf = (events: readonly RunEvent[], type: RunEvent['type']): readonly string[] =>
  events.flatMap((event) => (event.type === type && 'step' in event.data ? [String(event.data.step)] : []));

describe('a run that is migrated', () => {
  it('at each of its points goes on by the new version or is refused, crashing right after; what has ended does not run again', async () => {
    createEngine();
    await engine.boot('w1', AGENTS);
    await register(OLD);
    await engine.start('wf', {});
    expect(await finish()).toMatchObject({ version: 1 });
    const log = await engine.events();
    await engine.close();
    const outcomes = new Map<string, number>();
    for (let length = 1; length <= log.length; length++) {
      const past = log.slice(0, length);
      await standAt(past);
      await engine.owner.send('r1', { type: 'PauseRun', ...by }).catch(() => undefined);
      const ended = stepsOf(past, 'StepSucceeded');
      const begun = stepsOf(past, 'TaskScheduled');
      const isOver = past.some(({ type }) => type === 'RunSucceeded');
      const isRefused = isOver || begun.includes('e') || (begun.includes('c') && !ended.includes('c'));
      const outcome = await migration()
        .migrate(request())
        .then(
          () => 'migrated',
          (error: { readonly code: string }) => error.code,
        );
      expect([length, outcome]).toEqual([length, isOver ? 'RUN_ENDED' : isRefused ? 'MIGRATION_REFUSED' : 'migrated']);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (!isOver) {
        engine.executed.length = 0;
        await reboot();
        await engine.owner.send('r1', { type: 'ResumeRun', ...by });
        expect(await finish()).toEqual(
          isRefused ? { version: 1, e: { step: 'e', input: {} } } : { version: 2, d: { step: 'd', input: { a: 'a' } } },
        );
        expect(engine.executed.map(({ step }) => step).filter((step) => ended.includes(step))).toEqual([]);
      }
      await engine.close();
    }
    expect(outcomes.get('migrated')).toBeGreaterThan(10);
    expect(outcomes.get('MIGRATION_REFUSED')).toBeGreaterThan(3);
    createEngine();
    await engine.boot('w1', AGENTS);
  }, 120_000);

  const waiting = async (inputs: JsonObject = {}): Promise<void> => {
    createEngine();
    await engine.boot('w1', AGENTS);
    await register(OLD);
    await engine.start('wf', inputs);
    await engine.until('ApprovalRequested');
  };

  it('while it waits for an approval keeps the approval', async () => {
    await waiting();
    await register(NEW);
    expect(await migration().look(request())).toMatchObject({
      fromVersion: 1,
      toVersion: 2,
      problems: [],
      added: ['d'],
      dropped: ['e'],
      position: -1,
    });
    expect((await engine.events()).map(({ type }) => type)).not.toContain('RunMigrated');
    expect((await migration().migrate(request())).position).toBeGreaterThan(0);
    expect(await migration().migrate(request())).toMatchObject({ fromVersion: 2, toVersion: 2, problems: [] });
    expect(await finish()).toMatchObject({ version: 2 });
    const types = (await engine.events()).map(({ type }) => type);
    expect(types.filter((type) => type === 'RunMigrated' || type === 'ApprovalRequested')).toEqual(['ApprovalRequested', 'RunMigrated']);
  });

  it('is refused when what it has recorded does not match the new schemas, and says all of it', async () => {
    await waiting({ n: 'many' });
    await register(
      NEW.replace('inputs: {type: object}', 'inputs: {type: object, properties: {n: {type: number}}}').replace(
        'output: {type: object}',
        'output: {type: object, required: [total]}',
      ),
    );
    const problems = [
      'its inputs do not match the schema of version 2: /n must be number',
      'the output of step "a" does not match the schema of version 2: value must have required property \'total\'',
    ];
    expect((await migration().look(request())).problems).toEqual(problems);
    await expect(migration().migrate(request())).rejects.toMatchObject({ code: 'MIGRATION_REFUSED', details: { problems } });
    expect(await finish()).toMatchObject({ version: 1 });
  });

  it('is refused to go to a drained version', async () => {
    await waiting();
    await register(NEW);
    const streams = new WorkflowStreams(engine.store, engine.plans, engine.runtime);
    await streams.handle({ type: 'DrainVersion', name: 'wf', version: 2, ...by }, 'user:ann');
    await expect(migration().migrate(request())).rejects.toMatchObject({ code: 'WORKFLOW_VERSION_DRAINED' });
    await streams.handle({ type: 'RestoreVersion', name: 'wf', version: 2, ...by }, 'user:ann');
    await expect(migration().migrate(request())).resolves.toMatchObject({ toVersion: 2 });
  });

  it('takes the outputs of steps along under their new names', async () => {
    await waiting();
    await register(
      NEW.replace('  a: {', '  first: {').replace('needs: a,', 'needs: first,').replace('steps.a.output', 'steps.first.output'),
    );
    // The step that waits is the same; the one that it needs is not what it needs directly.
    await expect(migration().migrate(request())).rejects.toMatchObject({ code: 'MIGRATION_REFUSED' });
    await migration().migrate(request({ mapping: { a: 'first' } }));
    await reboot();
    expect(await finish()).toEqual({ version: 2, d: { step: 'd', input: { a: 'a' } } });
  });

  it('goes back to the version that it came from', async () => {
    await waiting();
    await register(NEW);
    await migration().migrate(request());
    await reboot();
    await migration().migrate(request({ toVersion: 1 }));
    await reboot();
    expect(await finish()).toMatchObject({ version: 1 });
  });
});
