import { describe, expect, it } from '@jest/globals';
import { planMilestone } from './plan-milestone.js';
import { givenPlan, type GivenPlan } from './plan.schema.js';
import { nameOf, PlanProblems, preparePlan } from './prepare-plan.js';

const plan = (...milestones: readonly object[]): GivenPlan => givenPlan.parse({ milestones });
const problems = (given: GivenPlan): readonly string[] => {
  try {
    preparePlan(given);
    return [];
  } catch (error) {
    if (error instanceof PlanProblems) return error.problems;
    throw error;
  }
};

describe('preparing a plan', () => {
  it('fills in names of deliverables, exit criteria and rules that ask for nothing', () => {
    const [only] = preparePlan(plan({ name: 'A', tasks: [{ title: 'Choose the database (EU)' }] })).milestones;
    expect(only).toEqual({
      name: 'A',
      entry: [],
      tasks: [{ title: 'Choose the database (EU)', name: 'choose-the-database-eu', capability: 'delivery.task', notes: '', options: [] }],
      exit: ['choose-the-database-eu'],
      reviews: { wellArchitected: { pillars: [] }, security: { atLeast: 0 }, performance: { limits: [] }, cost: {} },
    });
  });

  it('brings a plan of its own where none is given, in which everything fits', () => {
    expect(preparePlan(givenPlan.parse({})).milestones).toHaveLength(3);
  });

  it('lets a milestone begin with what was given or delivered before', () => {
    const given = {
      ...plan({ name: 'A', entry: ['x'], tasks: [{ title: 'a' }] }, { name: 'B', entry: ['a'], tasks: [{ title: 'b' }] }),
      given: ['x'],
    };
    expect(problems(given)).toEqual([]);
  });

  it('leaves to the entry gate what nobody in the plan delivers', () => {
    expect(problems(plan({ name: 'A', entry: ['x'], tasks: [{ title: 'a' }] }))).toEqual([]);
  });

  it.each([
    [
      'the wrong order',
      [
        { name: 'A', entry: ['b'], tasks: [{ title: 'a' }] },
        { name: 'B', tasks: [{ title: 'b' }] },
      ],
      'itself or later',
    ],
    [
      'one name for two',
      [
        { name: 'A', tasks: [{ title: 'a' }] },
        { name: 'B', tasks: [{ title: 'A!' }] },
      ],
      'delivered twice',
    ],
    ['an exit that nothing opens', [{ name: 'A', tasks: [{ title: 'a' }], exit: ['z'] }], 'none of its tasks delivers'],
  ])('refuses %s', (_, milestones, expected) => {
    expect(problems(plan(...milestones))).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['Runbook', 'runbook'],
    ['2nd try', 'task-2nd-try'],
    ['???', 'task'],
    [`${'long '.repeat(40)}`, expect.stringMatching(/^long(-long){1,17}$/)],
  ])('names what "%s" delivers', (title, name) => {
    expect(nameOf(title)).toEqual(name);
  });
});

describe('planning a milestone', () => {
  const [milestone] = preparePlan(
    plan({
      name: 'A',
      tasks: [
        { title: 'Say ${{ inputs.secret }}', name: 'said' },
        { title: 'Test', name: 'tested', capability: 'lab.test' },
      ],
    }),
  ).milestones;
  if (milestone === undefined) throw new Error('no milestone');

  it('makes one step of each task, with its own capability, and evaluates no text of the plan', () => {
    const { plan: planned, objections } = planMilestone(milestone, []);
    expect(planned).toEqual({
      steps: {
        said: expect.objectContaining({ name: 'Say $ {{ inputs.secret }}', capability: 'delivery.task' }),
        tested: expect.objectContaining({ capability: 'lab.test', with: expect.objectContaining({ task: '${{ inputs.tasks[1] }}' }) }),
      },
      outputs: {
        deliverables: [
          { name: 'said', delivered: '${{ steps.said.output }}' },
          { name: 'tested', delivered: '${{ steps.tested.output }}' },
        ],
      },
    });
    expect(objections).toEqual([]);
  });

  it('hands on what was objected to', () => {
    expect(planMilestone(milestone, [{ gate: 'cost', message: 'too dear', evidence: null }]).objections).toEqual([
      { from: 'cost', message: 'too dear' },
    ]);
  });

  it('hands on what judges said, in place of how many of them', () => {
    const evidence = {
      needed: 1,
      verdicts: [
        { passed: false, reason: '3 too much' },
        { passed: true, reason: 'fine' },
      ],
    };
    expect(planMilestone(milestone, [{ gate: 'cost', message: '1 of 2 passed it', evidence }]).objections).toEqual([
      { from: 'cost', message: '3 too much' },
    ]);
  });
});
