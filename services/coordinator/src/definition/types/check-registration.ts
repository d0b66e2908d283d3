import { compileOnce } from '../compile-once.js';
import type { CompiledDefinition } from '../compile-definition.js';
import type { DefinitionProblem } from '../source-map.js';
import { definitionTypeProblems } from './definition-type-problems.js';
import type { TypeSurroundings } from './check-types.js';

type Compiled = Exclude<CompiledDefinition, { readonly problems: readonly DefinitionProblem[] }>;

/** Everything that is wrong with a definition that is to be registered. What the newest version already says is right. */
export function checkRegistration(
  source: string,
  isNewest: (compiled: Compiled) => boolean,
  inputsOf: TypeSurroundings['inputsOf'],
): Compiled | { readonly problems: readonly DefinitionProblem[] } {
  const compiled = compileOnce(source);
  if ('problems' in compiled || isNewest(compiled)) return compiled;
  const problems = definitionTypeProblems(source, compiled.definition, inputsOf);
  return problems.length > 0 ? { problems } : compiled;
}
