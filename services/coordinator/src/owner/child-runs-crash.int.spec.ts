import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import { hashJson, TuttiError } from '@tutti/kernel';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';
import { failingStore } from '../testing/failing-store.js';

const AGENTS = [agent('worker', ['work'])];
const FAMILY = `
name: wf
steps:
  each:
    forEach: {items: "\${{ inputs.list }}", concurrency: 2}
    workflow: part
    with: {n: "\${{ item }}"}
  sum: {needs: each, capability: work, with: {all: "\${{ $sum(steps.each.output.n) }}"}}
outputs: {sum: "\${{ steps.sum.output.all }}"}
`;
const PART = `
name: part
steps:
  first: {capability: work, with: {n: "\${{ inputs.n }}"}}
  second: {needs: first, with: {n: "\${{ steps.first.output.n * 10 }}"}, steps: {leaf: {capability: work, with: {n: "\${{ inputs.n }}"}}}, outputs: {n: "\${{ steps.leaf.output.n }}"}}
outputs: {n: "\${{ steps.second.output.n }}"}
`;
const ONE = 'name: wf\nsteps: {buy: {workflow: order}}\noutputs: {paid: "${{ steps.buy.output.paid }}"}';
const ORDER = 'name: order\nsteps: {pay: {capability: work}}\noutputs: {paid: "${{ steps.pay.output.paid }}"}';

describe('child runs over a crash', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  /** What the store takes; `false` is the end of the process, until it is started again. */
  const boot = async (definitions: readonly string[], handler: Handler, takes: (stream: string) => boolean): Promise<void> => {
    const [first = '', ...others] = definitions;
    engine = await startEngine(first, handler, AGENTS, (store) =>
      failingStore(store, (stream) => {
        if (!takes(stream)) throw new TuttiError('STORE_UNAVAILABLE', 'as the test says');
      }),
    );
    for (const definition of others) await engine.register(definition);
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const restart = async (): Promise<void> => {
    await engine.crash();
    await engine.boot('w2', AGENTS);
    for (const runId of await openRuns()) await engine.owner.recover(runId);
  };
  const openRuns = async (): Promise<readonly string[]> => {
    const open = new Set<string>();
    for (const [runId, events] of await allRuns())
      if (!events.some(({ type }) => ['RunSucceeded', 'RunFailed', 'RunCancelled'].includes(type))) open.add(runId);
    return [...open];
  };
  const allRuns = async (): Promise<ReadonlyMap<string, readonly RunEvent[]>> => {
    const runs = new Map<string, RunEvent[]>();
    for await (const recorded of engine.store.readAll({ filter: { categories: ['run'] } })) {
      const runId = recorded.stream.slice('run-'.length);
      runs.set(runId, [...(runs.get(runId) ?? []), recorded as unknown as RunEvent]);
    }
    return runs;
  };
  const childOf = async (runId: string): Promise<string> => {
    const { data } = await engine.until('ChildRunStarted', runId);
    return (data as { readonly runId: string }).runId;
  };

  it('starts a child that was recorded but had not started', async () => {
    let up = false;
    await boot(
      [ONE, ORDER],
      () => ({ paid: 1 }),
      (stream) => up || !stream.includes('~'),
    );
    await engine.start('wf', {});
    const child = await childOf('r1');
    await settle();
    expect(await engine.events(child)).toEqual([]);
    up = true;
    await restart();
    expect(await engine.outputs()).toEqual({ paid: 1 });
    expect([...(await allRuns()).keys()]).toEqual(['r1', child]);
  });

  it('starts a child without a crash, too, once the store takes it again', async () => {
    let up = false;
    await boot(
      [ONE, ORDER],
      () => ({ paid: 1 }),
      (stream) => up || !stream.includes('~'),
    );
    await engine.start('wf', {});
    await childOf('r1');
    await settle();
    up = true;
    await engine.runtime.advance(1_000);
    expect(await engine.outputs()).toEqual({ paid: 1 });
  });

  it('records a child’s end that its parent had not heard of', async () => {
    let parentIsDeaf = false;
    await boot(
      [ONE, ORDER],
      () => ({ paid: 1 }),
      (stream) => !(parentIsDeaf && stream === 'run-r1'),
    );
    await engine.start('wf', {});
    const child = await childOf('r1');
    parentIsDeaf = true;
    await engine.until('RunSucceeded', child);
    await settle();
    parentIsDeaf = false;
    await restart();
    expect(await engine.outputs()).toEqual({ paid: 1 });
    expect(engine.executed).toHaveLength(1);
  });

  it('cancels a child whose parent was cancelled without its hearing of it', async () => {
    let childIsDeaf = false;
    await boot(
      [ONE, ORDER],
      () => undefined,
      (stream) => !(childIsDeaf && stream.includes('~')),
    );
    await engine.start('wf', {});
    const child = await childOf('r1');
    await engine.until('TaskScheduled', child);
    childIsDeaf = true;
    await engine.owner.send('r1', { type: 'CancelRun', actor: 'user:ann', reason: '' });
    await settle();
    childIsDeaf = false;
    await restart();
    expect((await engine.until('RunCancelled', child)).data).toMatchObject({ reason: expect.stringContaining('no longer waits') });
  });

  it('pauses a child whose parent was paused without its hearing of it, and lets it go on with it', async () => {
    let childIsDeaf = false;
    await boot(
      [ONE, ORDER],
      () => undefined,
      (stream) => !(childIsDeaf && stream.includes('~')),
    );
    await engine.start('wf', {});
    const child = await childOf('r1');
    await engine.until('TaskScheduled', child);
    childIsDeaf = true;
    await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:ann', reason: '' });
    await settle();
    childIsDeaf = false;
    await restart();
    await engine.until('RunPaused', child);
    childIsDeaf = true;
    await engine.owner.send('r1', { type: 'ResumeRun', actor: 'user:ann', reason: '' });
    await settle();
    childIsDeaf = false;
    await restart();
    await engine.until('RunResumed', child);
  });

  it('comes to the same wherever a family of runs is cut off, and does nothing twice that was recorded', async () => {
    let appends = 0;
    const whole = Infinity;
    for (let cutAfter = 1; ; cutAfter++) {
      appends = 0;
      let limit = cutAfter;
      await boot(
        [FAMILY, PART],
        ({ input }) => input ?? {},
        () => ++appends <= limit,
      );
      await engine.start('wf', { list: [1, 2, 3] }).catch(() => undefined);
      await settle();
      const wasCut = appends > limit;
      const done = recordedTasks(await allRuns());
      const before = engine.executed.length;
      limit = whole;
      await restart();
      if (!(await allRuns()).has('r1')) await engine.start('wf', { list: [1, 2, 3] });
      expect(await engine.outputs()).toEqual({ sum: 60 });
      const again = engine.executed.slice(before).map(({ runId, task }) => `${runId}/${task}`);
      expect(again.filter((task) => done.has(task))).toEqual([]);
      const runs = await allRuns();
      expect([runs.size, await openRuns()]).toEqual([7, []]);
      for (const events of runs.values()) expect(events.filter(({ type }) => type === 'RunSucceeded')).toHaveLength(1);
      if (!wasCut) break;
      await engine.close();
    }
    expect(appends).toBeGreaterThan(15);
  }, 60_000);

  describe('with an approval two levels below a list', () => {
    const LIST = `
name: wf
steps:
  each: {forEach: {items: "\${{ inputs.list }}"}, workflow: part, with: {n: "\${{ item }}"}}
outputs: {all: "\${{ steps.each.output.by }}"}
`;
    const ASKS = `
name: part
steps:
  make: {capability: work, with: {n: "\${{ inputs.n }}"}}
  group:
    needs: make
    with: {n: "\${{ steps.make.output.n }}"}
    steps:
      sign: {capability: work, with: {n: "\${{ inputs.n }}"}, gates: [{name: ok, type: approval, title: "Sign \${{ output.n }}"}]}
    outputs: {by: "\${{ steps.sign.approvals.ok.decidedBy }}"}
outputs: {by: "\${{ steps.group.output.by }}"}
`;
    type Asked = Extract<RunEvent, { readonly type: 'ApprovalRequested' }>['data'];
    const asked = async (count: number): Promise<readonly { readonly runId: string; readonly asked: Asked }[]> => {
      for (let turn = 0; turn < 10_000; turn++) {
        const found = [...(await allRuns())].flatMap(([runId, events]) =>
          events.flatMap((event) => (event.type === 'ApprovalRequested' ? [{ runId, asked: event.data }] : [])),
        );
        if (found.length >= count) return found;
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw new Error('nobody is asked');
    };
    const decide = (approvalId: string, payloadHash: string, actor: string) =>
      engine.owner.send(
        approvalId.slice(0, approvalId.indexOf('.')),
        { type: 'DecideApproval', approvalId, approved: true, payloadHash, actor, reason: '' },
        { actor },
      );

    it('takes each answer for its own value, over a crash, and nothing that was finished runs again', async () => {
      await boot(
        [LIST, ASKS],
        ({ input }) => input ?? {},
        () => true,
      );
      await engine.start('wf', { list: [1, 2] });
      const approvals = await asked(2);
      expect(new Set(approvals.map(({ asked: { approvalId } }) => approvalId)).size).toBe(2);
      expect(approvals.map(({ asked: { title } }) => title).sort()).toEqual(['Sign 1', 'Sign 2']);
      const [one, two] = approvals.map(({ asked: data }) => data) as [Asked, Asked];
      await expect(decide(one.approvalId, two.payloadHash, 'user:ann')).rejects.toMatchObject({ code: 'PAYLOAD_CHANGED' });
      await expect(decide(one.approvalId, hashJson({ n: 3 }), 'user:ann')).rejects.toMatchObject({ code: 'PAYLOAD_CHANGED' });
      const before = engine.executed.length;
      await restart();
      await Promise.all([decide(one.approvalId, one.payloadHash, 'user:ann'), decide(two.approvalId, two.payloadHash, 'user:bob')]);
      const expected =
        [one, two].map(({ title }) => title).join() === 'Sign 1,Sign 2' ? ['user:ann', 'user:bob'] : ['user:bob', 'user:ann'];
      expect(await engine.outputs()).toEqual({ all: expected });
      expect(engine.executed).toHaveLength(before);
    });
  });
});

function recordedTasks(runs: ReadonlyMap<string, readonly RunEvent[]>): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [runId, events] of runs)
    for (const event of events) if (event.type === 'TaskSucceeded') done.add(`${runId}/${event.data.task}`);
  return done;
}
