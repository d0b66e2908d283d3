import type { CallOptions, Calls } from './calls.js';
import type { TypedWorkflow } from './typed-workflow.js';
import { answers, type DefinitionProblem, type WorkflowView } from './views.js';

/** YAML or JSON text, a document as an object, or what a builder made. */
export type WorkflowSource = string | TypedWorkflow | Readonly<Record<string, unknown>>;

export interface Workflows {
  /**
   * Checks a definition whole and stores it as the next version, unless the newest says the same.
   *
   * @throws TuttiClientError DEFINITION_INVALID with `{problems}` in the details
   */
  register(source: WorkflowSource, options?: CallOptions): Promise<{ readonly workflow: WorkflowView; readonly created: boolean }>;
  /** Every problem of a definition, with its line; none when it is good. Stores nothing. */
  validate(source: WorkflowSource, options?: CallOptions): Promise<readonly DefinitionProblem[]>;
  /** The newest version of each, by name. */
  list(options?: CallOptions & { readonly limit?: number }): Promise<readonly WorkflowView[]>;
  /** @throws TuttiClientError WORKFLOW_NOT_FOUND */
  get(name: string, options?: CallOptions & { readonly version?: number }): Promise<WorkflowView>;
}

export function createWorkflows(calls: Calls): Workflows {
  return {
    async register(source, options) {
      const { workflow, created } = await calls.ask('registerWorkflow', { source: textOf(source) }, answers.registered, options);
      return { workflow, created };
    },
    validate: async (source, options) =>
      (await calls.ask('validateWorkflow', { source: textOf(source) }, answers.problems, options)).problems,
    list: ({ limit, signal } = {}) => calls.pages('listWorkflows', {}, answers.workflows, ({ workflows }) => workflows, { limit, signal }),
    async get(name, { version, signal } = {}) {
      const request = version === undefined ? { name } : { name, version };
      return (await calls.ask('getWorkflow', request, answers.workflow, { signal })).workflow;
    },
  };
}

function textOf(source: WorkflowSource): string {
  if (typeof source === 'string') return source;
  return JSON.stringify(isBuilt(source) ? source.document : source);
}

/** A definition itself has no member `document`. */
function isBuilt(source: Exclude<WorkflowSource, string>): source is TypedWorkflow {
  return 'document' in source && typeof source.document === 'object';
}
