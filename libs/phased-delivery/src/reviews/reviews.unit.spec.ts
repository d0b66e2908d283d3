import { describe, expect, it } from '@jest/globals';
import { reviews, type Reviews } from '../plan/plan.schema.js';
import { deliverable } from '../work/deliverable.js';
import { reviewCost, reviewMeasures, reviewPillars, reviewThreats } from './reviews.js';
import { verdictOf } from './verdict.js';

const rules = (given: object): Reviews => reviews.parse(given);
const made = (name: string, facts: object = {}) => deliverable.parse({ name, ...facts });

describe('the review of pillars', () => {
  const asked = rules({ wellArchitected: { pillars: ['Security', 'cost'] } });

  it('finds each pillar that nothing covers, whoever covers the others', () => {
    const delivered = [made('a', { pillars: { security: 'locks' } }), made('b', { pillars: { reliability: 'two of each' } })];
    expect(reviewPillars(delivered, asked)).toEqual({ problems: ['nothing is said of cost'], checked: '2 pillars', score: 0.5 });
  });

  it('objects to nothing when no pillar is asked for', () => {
    expect(reviewPillars([made('a')], rules({}))).toEqual({ problems: [], checked: 'no pillar was asked for', score: 1 });
  });
});

describe('the review of threats', () => {
  it('finds those that nothing holds off', () => {
    const delivered = [made('a', { threats: [{ threat: 'fire', mitigation: 'water' }, { threat: 'theft' }] })];
    expect(reviewThreats(delivered, rules({})).problems).toEqual(['a: nothing holds off "theft"']);
  });

  it('finds that too few were looked at', () => {
    expect(reviewThreats([made('a')], rules({ security: { atLeast: 2 } }))).toMatchObject({
      problems: ['0 threats were looked at, at least 2 are expected'],
      score: 0.5,
    });
  });
});

describe('the review of measures', () => {
  const limits = rules({ performance: { limits: [{ measure: 'load', atLeast: 5, atMost: 9 }] } });
  const load = (value: number) => [made('a', { measures: [{ name: 'load', value }] })];

  it.each([
    [4, ['a: load is 4, at least 5 is expected']],
    [5, []],
    [9, []],
    [9.1, ['a: load is 9.1, at most 9 is allowed']],
  ])('judges %d by its limits', (value, problems) => {
    expect(reviewMeasures(load(value), limits).problems).toEqual(problems);
  });

  it('finds a limit for which nothing was measured', () => {
    expect(reviewMeasures([made('a')], limits).problems).toEqual(['load was not measured']);
  });
});

describe('the review of cost', () => {
  const delivered = [made('a', { monthlyCost: 60 }), made('b'), made('c', { monthlyCost: 50 })];

  it('adds all up', () => {
    expect(reviewCost(delivered, rules({ cost: { monthlyBudget: 100 } })).problems).toEqual([
      '110 a month is 10 more than the budget of 100',
    ]);
    expect(reviewCost(delivered, rules({ cost: { monthlyBudget: 110 } })).problems).toEqual([]);
  });

  it('says what it costs where no budget is set', () => {
    expect(verdictOf(reviewCost(delivered, rules({})))).toEqual({
      passed: true,
      score: 1,
      reason: 'in order: 110 a month; no budget was set',
    });
  });
});

describe('a verdict', () => {
  it('says at most ten problems', () => {
    const problems = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const { passed, reason } = verdictOf({ problems, checked: '', score: 0 });
    expect([passed, reason.endsWith('p9; and 2 more')]).toEqual([false, true]);
  });
});
