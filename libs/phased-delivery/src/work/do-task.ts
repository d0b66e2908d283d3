import type { Objection } from '../plan/plan-milestone.js';
import type { Option, PreparedTask, Reviews } from '../plan/plan.schema.js';
import { REVIEWS } from '../reviews/reviews.js';
import type { Deliverable } from './deliverable.js';

/**
 * Takes the preferred option. After an objection, the one against which the reviews have least to say, the objecting ones first; the plan's order decides between
 * equals. The budget is of the whole milestone, so after an objection to the cost it is the cheapest of those that are as good otherwise.
 */
export function doTask(task: PreparedTask, reviews: Reviews, objections: readonly Objection[]): Deliverable {
  const chosen = objections.length === 0 ? task.options[0] : bestOf(task.options, reviews, objections);
  const { pillars = {}, threats = [], measures = [], monthlyCost } = chosen ?? {};
  const text = describe(task, chosen, objections);
  const facts = { name: task.name, title: task.title, choice: chosen?.name ?? '', text, pillars, threats, measures };
  return monthlyCost === undefined ? facts : { ...facts, monthlyCost };
}

function bestOf(options: readonly Option[], reviews: Reviews, objections: readonly Objection[]): Option | undefined {
  const objecting = new Set(objections.map(({ from }) => from));
  const costCounts = objecting.has('cost');
  const ranked = options.map((option, order) => {
    const found = REVIEWS.filter(({ name }) => name !== 'cost').map(({ name, review }) => {
      const { problems } = review([option], reviews);
      return { problems: problems.length, counts: objecting.has(name) };
    });
    const against = (counts: boolean): number => found.reduce((sum, one) => (one.counts === counts ? sum + one.problems : sum), 0);
    return { option, rank: [against(true), against(false), costCounts ? (option.monthlyCost ?? 0) : 0, order] };
  });
  return ranked.sort((a, b) => compare(a.rank, b.rank))[0]?.option;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function describe({ title, notes, options }: PreparedTask, chosen: Option | undefined, objections: readonly Objection[]): string {
  const lines = [`### ${title}`];
  if (notes !== '') lines.push(notes);
  if (chosen !== undefined) lines.push(`Chosen: **${chosen.name}**${chosen.why === undefined ? '' : `, because ${chosen.why}`}.`);
  const others = options.filter((option) => option !== chosen).map(({ name }) => name);
  if (others.length > 0) lines.push(`Not chosen: ${others.join('; ')}.`);
  for (const { from, message } of objections) lines.push(`Answers the objection of ${from}: ${message}`);
  return lines.join('\n\n');
}
