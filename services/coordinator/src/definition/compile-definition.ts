import { MAX_DEFINITION_BYTES, workflowDefinition, type WorkflowDefinition } from '@tutti/contracts';
import { hashJson, type JsonObject, type JsonValue } from '@tutti/kernel';
import { compileGraph } from './compile-graph.js';
import { checkTriggers } from '../triggers/check-triggers.js';
import { describeIssue } from './describe-issue.js';
import type { PlanOfDefinition } from './plan.js';
import { parseSource, type DefinitionProblem } from './source-map.js';

export type CompiledDefinition =
  | { readonly plan: PlanOfDefinition; readonly definition: WorkflowDefinition; readonly document: JsonObject }
  | { readonly problems: readonly DefinitionProblem[] };

/** Checks a definition whole, and makes it ready to run. Every problem is given, each with its line. */
export function compileDefinition(text: string): CompiledDefinition {
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES) {
    const message = `definition of ${Buffer.byteLength(text)} bytes; at most ${MAX_DEFINITION_BYTES} are taken`;
    return { problems: [{ line: 0, column: 0, path: '', message }] };
  }
  const source = parseSource(text);
  if (source.problems.length > 0) return { problems: source.problems };
  const parsed = workflowDefinition.safeParse(source.value, { reportInput: false });
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => describeIssue(source, issue)) };
  const definition = parsed.data;
  const problems: DefinitionProblem[] = [];
  const plan = compileGraph(definition, hashJson(source.value as JsonValue), source, problems);
  checkTriggers(definition, source, problems);
  if (problems.length > 0) return { problems: [...problems].sort((a, b) => a.line - b.line || a.column - b.column) };
  return { plan, definition, document: source.value as JsonObject };
}
