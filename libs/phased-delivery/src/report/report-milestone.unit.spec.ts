import { describe, expect, it } from '@jest/globals';
import { givenPlan } from '../plan/plan.schema.js';
import { preparePlan } from '../plan/prepare-plan.js';
import { reportMilestone } from './report-milestone.js';

const [milestone] = preparePlan(
  givenPlan.parse({
    milestones: [
      {
        name: 'First steps',
        tasks: [
          { title: 'Walk', name: 'walk' },
          { title: 'Run', name: 'run' },
        ],
      },
    ],
  }),
).milestones;
if (milestone === undefined) throw new Error('no milestone');

describe('the report of a milestone', () => {
  it('names what is missing, and takes the name that the plan gave for what an agent delivered', () => {
    const { deliverables, missing, document } = reportMilestone(milestone, [
      { name: 'walk', delivered: { name: 'other', monthlyCost: 3 } },
      { name: 'run' },
    ]);
    expect(deliverables.map(({ name, monthlyCost }) => [name, monthlyCost])).toEqual([['walk', 3]]);
    expect(missing).toEqual(['run']);
    expect(document).toMatchObject({ path: 'first-steps.md', content: expect.stringContaining('- cost a month: 3') });
  });

  it('does not take for delivered what no review could read', () => {
    const { deliverables, missing } = reportMilestone(milestone, [
      { name: 'walk', delivered: { threats: 'many' } },
      { name: 'run', delivered: {} },
    ]);
    expect([deliverables.map(({ name }) => name), missing]).toEqual([['run'], ['walk']]);
  });
});
