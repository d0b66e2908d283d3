import type { Findings } from './reviews.js';

const MAX_SAID = 10;

/** As a gate of type `agent` wants it. */
export function verdictOf({ problems, checked, score }: Findings) {
  const more = problems.length - MAX_SAID;
  const said = problems.slice(0, MAX_SAID).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return { passed: problems.length === 0, score, reason: problems.length === 0 ? `in order: ${checked}` : said };
}
