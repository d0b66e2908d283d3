import type { Reviews } from '../plan/plan.schema.js';
import type { Deliverable } from '../work/deliverable.js';

/** What a review found. `checked` is what it looked at, in words. */
export interface Findings {
  readonly problems: readonly string[];
  readonly checked: string;
  /** 0 to 1: the part that was in order. */
  readonly score: number;
}

type Delivered = readonly Pick<Deliverable, 'name' | 'pillars' | 'threats' | 'measures' | 'monthlyCost'>[];

/** The pillars that were asked for are each covered by something. */
export function reviewPillars(delivered: Delivered, { wellArchitected: { pillars } }: Pick<Reviews, 'wellArchitected'>): Findings {
  const covered = new Set(delivered.flatMap((one) => Object.keys(one.pillars).map(normal)));
  const problems = pillars.filter((pillar) => !covered.has(normal(pillar))).map((pillar) => `nothing is said of ${pillar}`);
  return findings(problems, pillars.length, pillars.length === 0 ? 'no pillar was asked for' : `${pillars.length} pillars`);
}

/** Every threat has a mitigation, and enough threats were looked at. */
export function reviewThreats(delivered: Delivered, { security: { atLeast } }: Pick<Reviews, 'security'>): Findings {
  const threats = delivered.flatMap(({ name, threats: found }) => found.map((one) => ({ ...one, name })));
  const open = threats.filter(({ mitigation }) => mitigation === undefined);
  const problems = open.map(({ threat, name }) => `${name}: nothing holds off "${threat}"`);
  if (threats.length < atLeast) problems.push(`${threats.length} threats were looked at, at least ${atLeast} are expected`);
  return findings(problems, Math.max(threats.length, atLeast), threats.length === 0 ? 'no threat was named' : `${threats.length} threats`);
}

/** Each limit is met by every measure of its name, and was measured at all. */
export function reviewMeasures(delivered: Delivered, { performance: { limits } }: Pick<Reviews, 'performance'>): Findings {
  const problems = limits.flatMap(({ measure, atMost, atLeast }) => {
    const found = delivered.flatMap(({ name, measures }) =>
      measures.filter((one) => one.name === measure).map((one) => ({ ...one, of: name })),
    );
    if (found.length === 0) return [`${measure} was not measured`];
    return found.flatMap(({ of, value, unit }) => {
      const said = `${of}: ${measure} is ${value}${unit === '' ? '' : ` ${unit}`}`;
      if (atMost !== undefined && value > atMost) return [`${said}, at most ${atMost} is allowed`];
      return atLeast !== undefined && value < atLeast ? [`${said}, at least ${atLeast} is expected`] : [];
    });
  });
  return findings(problems, limits.length, limits.length === 0 ? 'no limit was set' : `${limits.length} limits`);
}

/** All together cost no more than the budget. */
export function reviewCost(delivered: Delivered, { cost: { monthlyBudget } }: Pick<Reviews, 'cost'>): Findings {
  const total = delivered.reduce((sum, { monthlyCost = 0 }) => sum + monthlyCost, 0);
  if (monthlyBudget === undefined) return findings([], 0, `${total} a month; no budget was set`);
  const problems = total > monthlyBudget ? [`${total} a month is ${total - monthlyBudget} more than the budget of ${monthlyBudget}`] : [];
  return findings(problems, 1, `${total} of ${monthlyBudget} a month`);
}

/** As the gates are called, in their order. */
export const REVIEWS = [
  { name: 'well-architected', review: reviewPillars },
  { name: 'security', review: reviewThreats },
  { name: 'performance', review: reviewMeasures },
  { name: 'cost', review: reviewCost },
] as const satisfies readonly { readonly name: string; readonly review: (delivered: Delivered, reviews: Reviews) => Findings }[];

function findings(problems: readonly string[], of: number, checked: string): Findings {
  return { problems, checked, score: of === 0 ? 1 : Math.max(0, 1 - problems.length / of) };
}

function normal(pillar: string): string {
  return pillar.trim().toLowerCase();
}
