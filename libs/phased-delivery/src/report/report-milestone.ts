import type { Milestone } from '../plan/plan.schema.js';
import { nameOf } from '../plan/prepare-plan.js';
import { deliverable, type Deliverable } from '../work/deliverable.js';

/** One entry for each task of the milestone, as its plan gave it. */
export interface Delivered {
  readonly name: string;
  readonly delivered?: unknown;
}

/** What the milestone delivered, what its exit criteria miss, and all of it as a document. The name that the plan gave it is what counts. What no review could read is not delivered. */
export function reportMilestone(milestone: Milestone, delivered: readonly Delivered[]) {
  const deliverables = delivered.flatMap(({ name, delivered: given }) => {
    if (typeof given !== 'object' || given === null) return [];
    const parsed = deliverable.safeParse({ ...given, name });
    return parsed.success ? [parsed.data] : [];
  });
  const there = new Set(deliverables.map(({ name }) => name));
  const missing = milestone.exit.filter((name) => !there.has(name));
  const document = { path: `${nameOf(milestone.name)}.md`, mediaType: 'text/markdown', content: write(milestone, deliverables) };
  return { deliverables, missing, document };
}

function write({ name, entry, exit }: Milestone, deliverables: readonly Deliverable[]): string {
  const lines = [`# ${name}`, `Builds on: ${entry.join(', ') || 'nothing'}. Done when there: ${exit.join(', ') || 'nothing'}.`];
  for (const one of deliverables) lines.push(...describe(one));
  return `${lines.join('\n\n')}\n`;
}

function describe({ name, title, text, pillars, threats, measures, monthlyCost }: Deliverable): readonly string[] {
  const facts = [
    ...Object.entries(pillars).map(([pillar, said]) => `- ${pillar}: ${said}`),
    ...threats.map(({ threat, mitigation }) => `- threat: ${threat}; ${mitigation ?? '**nothing holds it off**'}`),
    ...measures.map(({ name: measure, value, unit }) => `- ${measure}: ${value}${unit === '' ? '' : ` ${unit}`}`),
    ...(monthlyCost === undefined ? [] : [`- cost a month: ${monthlyCost}`]),
  ];
  const heading = `## ${title === '' ? name : title}`;
  return [heading, text.replace(/^### .*\n*/, ''), facts.join('\n')].filter((part) => part !== '');
}
