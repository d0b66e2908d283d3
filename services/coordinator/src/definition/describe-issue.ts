import type { DefinitionProblem, ParsedSource } from './source-map.js';

/** What zod says of a definition, each thing at its place. */
export function describeIssue(
  source: ParsedSource,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string; readonly code?: string; readonly keys?: readonly string[] },
): DefinitionProblem[] {
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => source.at([...issue.path, key], `unknown member "${key}"`));
  return [source.at(issue.path, issue.message)];
}
