import type { StartRunResponse } from '@tutti/contracts';
import { isTuttiError, type JsonObject } from '@tutti/kernel';
import type { AnyRuns } from '../owner/any-runs.js';
import { isOpen } from '../run/run.state.js';
import { triggeredKey } from './triggered-key.js';

export interface RunStart {
  readonly workflow: string;
  readonly workflowVersion: number;
  readonly inputs: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string;
  readonly actor: string;
  readonly traceparent: string;
}

export interface TriggeredStart {
  readonly workflow: string;
  readonly inputs: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  /** What the run comes of; the same parts always name the same run. */
  readonly key: readonly string[];
  readonly traceparent?: string | null;
  /** Who has it started by hand. */
  readonly actor?: string;
}

/** What triggers and schedules do with runs. */
export interface TriggeredRuns {
  /**
   * Starts the run, or finds the one that was started of the same key, whatever its inputs were then.
   *
   * @returns its id
   * @throws TuttiError what starting throws
   */
  start(start: TriggeredStart): Promise<string>;
  isOpen(runId: string): Promise<boolean>;
  /** Without effect on a run that has ended. */
  cancel(runId: string, reason: string): Promise<void>;
}

/** Who starts and ends runs because of a time or an event. */
export const TRIGGER_ACTOR = 'service:coordinator';

export function createTriggeredRuns(parts: {
  readonly start: (request: RunStart) => Promise<StartRunResponse>;
  /** Id of the run that a key names. */
  readonly runIdOf: (key: string) => string;
  readonly runs: Pick<AnyRuns, 'peek' | 'cancel'>;
}): TriggeredRuns {
  const { runs } = parts;
  return {
    async start({ workflow, inputs, labels, key, traceparent, actor = TRIGGER_ACTOR }) {
      const idempotencyKey = triggeredKey(key);
      try {
        const request = {
          workflow,
          workflowVersion: 0,
          inputs,
          labels,
          idempotencyKey,
          actor,
          traceparent: traceparent ?? '',
        };
        return (await parts.start(request)).runId;
      } catch (error) {
        // Nobody else makes such keys, callers are refused them: it was started before a crash, by an earlier version or with another `schedule.time`.
        if (isTuttiError(error, 'IDEMPOTENCY_CONFLICT')) return parts.runIdOf(idempotencyKey);
        throw error;
      }
    },
    async isOpen(runId) {
      try {
        return isOpen((await runs.peek(runId)).state);
      } catch (error) {
        if (isTuttiError(error, 'RUN_NOT_FOUND')) return false;
        throw error;
      }
    },
    async cancel(runId, reason) {
      try {
        await runs.cancel(runId, TRIGGER_ACTOR, reason);
      } catch (error) {
        if (!isTuttiError(error, 'RUN_ENDED') && !isTuttiError(error, 'RUN_NOT_FOUND')) throw error;
      }
    },
  };
}
