import type { WorkflowDefinition } from '@tutti/contracts';
import { parseSource, type DefinitionProblem } from '../source-map.js';
import { separationProblems } from './separation.js';
import { checkTypes, type TypeSurroundings } from './check-types.js';

/**
 * What can certainly never work in a definition that compiles, each with its line. Asked before a version is registered, and never of one that is: what
 * was found right once goes on running.
 *
 * @param source the definition's text
 */
export function definitionTypeProblems(
  source: string,
  definition: WorkflowDefinition,
  inputsOf?: TypeSurroundings['inputsOf'],
): readonly DefinitionProblem[] {
  const { at } = parseSource(source);
  const lineOf = (path: readonly PropertyKey[]): number => at(path, '').line;
  const types = checkTypes(definition, { lineOf, ...(inputsOf === undefined ? {} : { inputsOf }) });
  const problems = [...types, ...separationProblems(definition)];
  return problems.map(({ path, message }) => at(path, message)).sort((a, b) => a.line - b.line || a.column - b.column);
}
