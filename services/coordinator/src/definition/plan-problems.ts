import type { JsonObject } from '@tutti/kernel';
import type { DefinitionProblem } from './source-map.js';

const MAX_SHOWN = 20;
const MAX_SAID = 5;

/** What is wrong with a dynamic plan, as whoever planned it is told: at most {@link MAX_SHOWN} things. */
export function planProblems(problems: readonly DefinitionProblem[]): JsonObject[] {
  return problems.slice(0, MAX_SHOWN).map(({ path, message }) => ({ path, message }));
}

/** In one sentence. */
export function describePlanProblems(problems: readonly DefinitionProblem[]): string {
  const said = problems.slice(0, MAX_SAID).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const more = problems.length - said.length;
  return `${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
