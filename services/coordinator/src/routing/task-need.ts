/** What a task asks of the agent that is to have it. */
export interface TaskNeed {
  readonly runId: string;
  readonly task: string;
  readonly capability: string;
  readonly pinnedAgent: string | null;
  readonly timeoutMs: number | null;
}
