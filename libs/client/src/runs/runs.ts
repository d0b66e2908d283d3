import type { CallOptions, Calls } from '../calls.js';
import type { TypedWorkflow } from '../typed-workflow.js';
import { answers, type RunStatus, type RunView } from '../views.js';
import { createRunHandle, type RunHandle } from './run-handle.js';

export interface StartOptions extends CallOptions {
  /** The same key with the same request answers the run that it started first. At most 200 visible ASCII characters. Default: one of its own. */
  readonly idempotencyKey?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default: the newest. */
  readonly version?: number;
}

export interface ListRunsOptions extends CallOptions {
  readonly status?: RunStatus;
  readonly workflow?: string;
  /** Only runs that have all of these. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Default: 100. */
  readonly limit?: number;
}

export interface Runs {
  /**
   * Starts a run; resolves when it is durable. However often it is tried again on the way, one run is started.
   *
   * @throws TuttiClientError WORKFLOW_NOT_FOUND · INPUT_INVALID with every problem in the details · IDEMPOTENCY_CONFLICT
   */
  start<Inputs, Outputs>(
    workflow: TypedWorkflow<Inputs, Outputs>,
    inputs: NoInfer<Inputs>,
    options?: StartOptions,
  ): Promise<RunHandle<Outputs>>;
  start(workflow: string, inputs?: object, options?: StartOptions): Promise<RunHandle>;
  /** The handle of a run that is there. @throws TuttiClientError RUN_NOT_FOUND */
  get<Outputs = unknown>(runId: string, options?: CallOptions): Promise<RunHandle<Outputs>>;
  /** Newest first, without steps and outputs. */
  list(options?: ListRunsOptions): Promise<readonly RunView[]>;
}

export function createRuns(calls: Calls): Runs {
  return {
    async start(workflow: string | TypedWorkflow, inputs: unknown = {}, options: StartOptions = {}) {
      const { idempotencyKey = calls.runtime.ids.next(), labels = {}, version = 0, signal } = options;
      const request = {
        workflow: typeof workflow === 'string' ? workflow : workflow.name,
        workflowVersion: version,
        inputs: inputs as object,
        labels,
        idempotencyKey,
      };
      const { runId, position } = await calls.ask('startRun', request, answers.startRun, { signal });
      return createRunHandle<never>(calls, runId, position);
    },
    async get(runId, options) {
      const { run } = await calls.ask('getRun', { runId, minPosition: 0 }, answers.run, options);
      return createRunHandle(calls, run.id, run.position);
    },
    list: ({ limit, signal, status, workflow, labels } = {}) =>
      calls.pages(
        'listRuns',
        {
          ...(status === undefined ? {} : { status }),
          ...(workflow === undefined ? {} : { workflow }),
          ...(labels === undefined ? {} : { labels }),
        },
        answers.runs,
        ({ runs }) => runs,
        { limit, signal },
      ),
  };
}
