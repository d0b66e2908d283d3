import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import * as delivery from '@tutti/phased-delivery';
import { createTestKit, type TestAgents, type TestKit, type TestRun } from '@tutti/testing';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
const WORKFLOW = readFileSync(new URL('libs/phased-delivery/workflows/phased-delivery.yaml', root), 'utf8');
const EXAMPLE = parse(readFileSync(new URL('examples/phased-delivery/plan.yaml', root), 'utf8')) as JsonObject;

const AGENTS: TestAgents = {
  'delivery.prepare': delivery.DeliveryPlannerAgent,
  'delivery.plan': delivery.DeliveryPlannerAgent,
  'delivery.report': delivery.DeliveryPlannerAgent,
  'delivery.task': delivery.DeliveryEngineerAgent,
  'delivery.review.well-architected': delivery.WellArchitectedReviewerAgent,
  'delivery.review.security': delivery.SecurityReviewerAgent,
  'delivery.review.performance': delivery.PerformanceReviewerAgent,
  'delivery.review.cost': delivery.CostReviewerAgent,
};

interface Outputs {
  readonly title: string;
  readonly accepted: readonly string[];
  readonly documents: readonly { readonly path: string; readonly content: string }[];
}
interface Done {
  readonly task: { readonly name: string };
  readonly objections: readonly { readonly from: string; readonly message: string }[];
}

const small = (reviews: JsonObject, options: readonly JsonObject[] = []): JsonObject => ({
  milestones: [{ name: 'Only one', tasks: [{ title: 'Choose', name: 'choice', options: [...options] }], reviews }],
});

describe('phased-delivery', () => {
  let kit: TestKit;
  const begin = async (inputs: JsonObject, agents: TestAgents = {}): Promise<TestRun<Outputs>> => {
    kit = await createTestKit({ workflows: [WORKFLOW], agents: { ...AGENTS, ...agents } });
    return kit.start<object, Outputs>('phased-delivery', inputs, { idempotencyKey: 'only' });
  };
  const work = (run: TestRun<Outputs>): readonly [string, readonly string[]][] =>
    run.calls('delivery.task').map(({ input }) => {
      const { task, objections } = input as unknown as Done;
      return [task.name, objections.map(({ from }) => from)];
    });
  const failure = async (run: TestRun<Outputs>): Promise<string> => {
    const { error } = await (await run.until('ended')).view();
    return `${error?.code ?? ''} ${error?.message ?? ''}`;
  };

  it('delivers the plan that it brings, when a person accepts each milestone', async () => {
    const run = await begin({});
    for (let milestone = 0; milestone < 3; milestone++) await run.approve({ by: 'user:ann' });
    const { accepted, documents } = await run.outputs();
    expect(accepted).toEqual(['compute-choice', 'storage-choice', 'system-design', 'threat-model', 'runbook']);
    expect(documents.map(({ path }) => path)).toEqual(['choose-the-parts.md', 'design-the-system.md', 'hand-over.md']);
  });

  it('delivers the example: what a review objects to is done once more, with its reason, and nothing else is', async () => {
    const run = await begin(EXAMPLE);
    for (let milestone = 0; milestone < 3; milestone++) await run.approve({ by: 'user:ann' });
    const { title, accepted, documents } = await run.outputs();
    expect(title).toBe('Booking for a climbing hall');
    expect(accepted).toEqual(['requirements', 'compute-choice', 'storage-choice', 'booking-flow', 'runbook', 'opening']);
    // Tasks of a milestone run at once, in any order.
    const done = work(run).map(([name, objections]) => [name, ...objections].join(' '));
    expect([done.slice(0, 2), done.slice(2, 4), done.slice(4, 6), done.slice(6, 8), done.slice(8)].map((some) => some.toSorted())).toEqual([
      ['compute-choice', 'storage-choice'],
      ['compute-choice cost', 'storage-choice cost'],
      ['booking-flow', 'runbook'],
      ['booking-flow security', 'runbook security'],
      ['opening'],
    ]);
    const [selection, architecture] = documents.map(({ content }) => content);
    expect(selection).toContain('Chosen: **one machine and a cold standby**');
    expect(selection).toContain('Answers the objection of cost: 635 a month is 385 more than the budget of 250');
    expect(architecture).toContain('Chosen: **one service behind a log-in**');
  });

  it.each([
    ['well-architected', { wellArchitected: { pillars: ['reliability'] } }, {}, 'nothing is said of reliability'],
    ['security', {}, { threats: [{ threat: 'theft' }] }, 'choice: nothing holds off "theft"'],
    [
      'performance',
      { performance: { limits: [{ measure: 'start', atMost: 2 }] } },
      { measures: [{ name: 'start', value: 3, unit: 's' }] },
      'choice: start is 3 s, at most 2 is allowed',
    ],
    ['cost', { cost: { monthlyBudget: 10 } }, { monthlyCost: 11 }, '11 a month is 1 more than the budget of 10'],
  ] as const)('asks a person when %s still objects the second time, and goes on with what was accepted', async (gate, reviews, facts, reason) => {
    const run = await begin(small(reviews, [{ name: 'the only way', ...facts }]));
    await run.until('approval');
    expect(run.approvals.map((one) => one.gate)).toEqual([gate]);
    expect(run.calls('delivery.plan').map(({ feedback }) => feedback.map(({ message }) => message))).toEqual([
      [],
      [expect.stringContaining(reason)],
    ]);
    await run.approve({ gate, by: 'user:ann' });
    await run.approve({ gate: 'approval', by: 'user:bea' });
    expect((await run.outputs()).accepted).toEqual(['choice']);
  });

  it('ends when the person refuses what a review objects to', async () => {
    const run = await begin(small({ cost: { monthlyBudget: 10 } }, [{ name: 'dear', monthlyCost: 11 }]));
    await run.reject({ by: 'user:ann', reason: 'too dear' });
    expect(await failure(run)).toContain('too dear');
    expect(run.approvals).toEqual([]);
  });

  it('plans a rejected milestone once more with the reason, and ends when it is rejected again', async () => {
    const run = await begin(small({}));
    await run.reject({ by: 'user:ann', reason: 'nobody understands it' });
    await run.until({ call: 'delivery.task', times: 2 });
    const { objections } = run.calls('delivery.task')[1]?.input as unknown as Done;
    expect(objections).toEqual([{ from: 'approval', message: 'rejected by user:ann: nobody understands it' }]);
    await run.reject({ by: 'user:ann', reason: 'still not' });
    expect(await failure(run)).toMatch(/^GATE_FAILED .*still not/);
  });

  it('does not begin a milestone whose entry criteria are not met, and names the gate', async () => {
    const run = await begin({ milestones: [{ name: 'Late', entry: ['requirements'], tasks: [{ title: 'Go' }] }] });
    expect(await failure(run)).toContain('the milestone builds on what nobody has accepted: requirements');
    expect(run.calls('delivery.task')).toEqual([]);
  });

  it('does not end a milestone while a deliverable that its exit criteria name is missing, and says which', async () => {
    const milestones = [{ name: 'Short', tasks: [{ title: 'Measure', name: 'measured', capability: 'lab.measure' }] }];
    const run = await begin({ milestones }, { 'lab.measure': () => ({ measures: 'many' }) });
    expect(await failure(run)).toContain('not delivered, though exit criteria name it: measured');
    expect(run.approvals).toEqual([]);
  });

  it('refuses a plan that contradicts itself before anything is done', async () => {
    const milestones = [{ name: 'A', entry: ['b'], tasks: [{ title: 'b' }, { title: 'B' }], exit: ['c'] }];
    const message = await failure(await begin({ milestones }));
    expect(message).toContain('"b", which is delivered by itself or later');
    expect(message).toContain('"b" of milestone "A" is delivered twice');
    expect(message).toContain('ends with "c", which none of its tasks delivers');
  });

  it('gives a task to an agent of its own, whose deliverable is reviewed like the others', async () => {
    const milestones = [
      {
        name: 'Mixed',
        tasks: [
          { title: 'Measure it', name: 'measured', capability: 'lab.measure' },
          { title: 'Say ${{ nothing }}', name: 'said' },
        ],
        reviews: { performance: { limits: [{ measure: 'load', atLeast: 5 }] } },
      },
    ];
    const run = await begin({ milestones }, { 'lab.measure': () => ({ measures: [{ name: 'load', value: 7, unit: 'kN' }] }) });
    await run.approve();
    const { documents } = await run.outputs();
    expect(documents[0]?.content).toContain('- load: 7 kN');
    expect(documents[0]?.content).toContain('## Say ${{ nothing }}');
  });

  it('goes on after a crash at any event of the second milestone, and does nothing again that was finished', async () => {
    const calm = await play(Infinity);
    const [from, to] = secondMilestone(calm.kit);
    expect(to - from).toBeGreaterThan(30);
    for (let after = from; after <= to; after++) {
      const { kit: disturbed, run, outputs } = await play(after);
      expect({ after, outputs }).toEqual({ after, outputs: calm.outputs });
      const attempts = disturbed.calls().map(({ idempotencyKey, attempt, runId }) => `${runId} ${idempotencyKey} ${attempt}`);
      expect(attempts).toHaveLength(new Set(attempts).size);
      const finished = disturbed.events.filter(({ type }) => type === 'TaskSucceeded').map(({ stream, data }) => `${stream} ${String(data['task'])}`);
      expect(finished).toHaveLength(new Set(finished).size);
      expect(run.approvals).toEqual([]);
    }
  }, 120_000);

  const play = async (crashAfter: number): Promise<{ kit: TestKit; run: TestRun<Outputs>; outputs: Outputs }> => {
    kit = await createTestKit({ workflows: [WORKFLOW], agents: AGENTS });
    kit.crashAfter(crashAfter);
    const run = await kit.start<object, Outputs>('phased-delivery', {}, { idempotencyKey: 'only' });
    for (let milestone = 0; milestone < 3; milestone++) await run.approve({ by: 'user:ann' });
    return { kit, run, outputs: await run.outputs() };
  };
});

/** How many events were recorded by its beginning and by its end, counted from the start of the run. */
function secondMilestone({ events }: TestKit): readonly [number, number] {
  const before = events.findIndex(({ stream }) => stream.startsWith('run-'));
  const [, from = 0, to = 0] = events.flatMap(({ type, data }, index) => (type === 'ChildRunStarted' && data['step'] === 'milestones' ? [index] : []));
  return [from - before, to - before];
}
