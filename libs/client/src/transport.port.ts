import type { JsonObject, JsonValue, RecordedEvent } from '@tutti/kernel';

interface Page {
  readonly pageSize: number;
  /** Empty for the first. */
  readonly pageToken: string;
}

interface Repair {
  readonly runId: string;
  /** Sent again under the same id, it counts once. */
  readonly repairId: string;
  /** Step to its input this time. */
  readonly inputs: JsonObject;
  readonly reason: string;
}

/** What each operation takes, in the terms of REST: statuses are lower-case words. */
export interface Operations {
  readonly registerWorkflow: { readonly source: string };
  readonly validateWorkflow: { readonly source: string };
  readonly getWorkflow: { readonly name: string; readonly version?: number };
  readonly listWorkflows: Page;
  readonly startRun: {
    readonly workflow: string;
    readonly workflowVersion: number;
    readonly inputs: object;
    readonly labels: Readonly<Record<string, string>>;
    readonly idempotencyKey: string;
  };
  readonly getRun: { readonly runId: string; readonly minPosition: number };
  readonly listRuns: Page & { readonly status?: string; readonly workflow?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly cancelRun: { readonly runId: string; readonly reason: string; readonly force: boolean };
  readonly pauseRun: { readonly runId: string; readonly reason: string };
  readonly resumeRun: { readonly runId: string; readonly reason: string };
  readonly retryRun: Repair;
  readonly resetRun: Repair & { readonly steps: readonly string[] };
  readonly skipStep: Omit<Repair, 'inputs'> & { readonly step: string; readonly output: JsonValue };
  readonly setVariables: { readonly runId: string; readonly values: JsonObject; readonly reason: string };
  readonly signalRun: { readonly runId: string; readonly name: string; readonly payload: JsonValue; readonly id: string };
  readonly queryRun: { readonly runId: string; readonly name: string };
  readonly listApprovals: Page & { readonly status?: string; readonly runId?: string };
  readonly getApproval: { readonly approvalId: string };
  readonly decideApproval: {
    readonly approvalId: string;
    readonly approve: boolean;
    readonly payloadHash: string;
    readonly reason: string;
  };
  readonly delegateApproval: { readonly approvalId: string; readonly to: string; readonly reason: string };
}

export interface EventFilter {
  readonly runId?: string;
  /** Stream categories like `run`. */
  readonly categories?: readonly string[];
  /** Event types like `RunStarted`. */
  readonly types?: readonly string[];
}

export interface FollowRequest extends EventFilter {
  /** Everything behind this position, -1 for all; `head` for what comes from now on. */
  readonly after: number | 'head';
}

export type FeedItem =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  /** What was recorded when it began has been given, up to here. */
  | { readonly kind: 'caught-up'; readonly position: number };

export interface FeedConnection extends AsyncIterable<FeedItem> {
  close(): void;
}

/**
 * How the server is reached. Both ways take the same operations and answer the same values, which are those of REST.
 *
 * Everything throws TuttiClientError, and nothing is repeated here: who calls knows what may be tried again.
 */
export interface Transport {
  call<Name extends keyof Operations>(name: Name, request: Operations[Name], signal?: AbortSignal): Promise<unknown>;
  /** One connection to the feed, until it breaks (a retryable error), is refused (any other), or is closed. Iterate it once. */
  follow(request: FollowRequest): Promise<FeedConnection>;
  /** Lets connections go. */
  close(): void;
}
