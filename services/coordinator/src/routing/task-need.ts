import type { TaskLimit, TaskRouting } from '@tutti/contracts';

/** What a task asks of the agent that is to have it, and of the limits it goes by. */
export interface TaskNeed {
  readonly runId: string;
  readonly task: string;
  /** The attempt that an assignment would start. */
  readonly attempt: number;
  readonly capability: string;
  readonly pinnedAgent: string | null;
  readonly timeoutMs: number | null;
  /** 1, the most urgent, to 5. */
  readonly priority: number;
  /** Null for the default, least-loaded. */
  readonly routing: TaskRouting | null;
  /** A permit of each is needed. The same empty list for all tasks without. */
  readonly limits: readonly TaskLimit[];
}

export const NO_LIMITS: readonly TaskLimit[] = [];
