import type { AgentContext, LogLevel, StepCall, StepOptions } from '@tutti/agent-sdk';
import type { AttemptRef, TaskAssignedMessage } from '@tutti/contracts';
import { TuttiError, type Cancel, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { Logger, Span } from '@tutti/service-kit';
import type { ApiTokens } from './api-tokens.js';
import type { TaskSteps } from '../journal/task-steps.js';
import type { Gate } from './gate.js';
import type { HostedAgent } from './hosted-agent.js';

export type AbortCause = 'timeout' | 'cancelled' | 'superseded' | 'stopping';

const CAUSE_CODE = { timeout: 'TIMED_OUT', cancelled: 'CANCELLED', superseded: 'CANCELLED', stopping: 'SHUTTING_DOWN' } as const;

export function attemptKey(attempt: AttemptRef): string {
  return `${attempt.runId}/${attempt.task}#${attempt.attempt}`;
}

/**
 * One attempt in this worker's hands, and the context its agent sees. Made once per task on the hottest path there is, so what most agents
 * never ask for, such as the signal's controller, is made when it is asked for.
 */
export class Attempt implements AgentContext {
  readonly ref: AttemptRef;
  /** Granted by the owner. */
  claimed = false;
  /** On the monotonic clock; when the claim was granted. */
  begunAt = 0;
  /** The first attempt whose steps count for this one. */
  journalFrom = 1;
  /** Its outcome is decided; what the agent does from here on changes nothing. */
  settled = false;
  aborted: { readonly cause: AbortCause; readonly error: TuttiError } | null = null;
  /** Longest silence of the agent; null for any. */
  heartbeatMs: number | null = null;
  /** What it has of its agent's concurrency; null while it has nothing. */
  seat: Gate | null = null;
  /** Null where nothing is traced. */
  span: Span | null = null;
  private hasBeaten = false;
  private signOfLifeAt = 0;
  private controller: AbortController | null = null;
  private timer: Cancel | null = null;
  private steps: TaskSteps | null = null;

  constructor(
    readonly key: string,
    readonly message: TaskAssignedMessage,
    readonly agent: HostedAgent,
    private readonly logger: Logger,
    private readonly openSteps: (attempt: Attempt) => TaskSteps,
    private readonly apiTokens?: ApiTokens,
  ) {
    this.ref = { runId: message.runId, task: message.task, attempt: message.attempt };
  }

  get profile(): AgentContext['profile'] {
    return this.agent.profile;
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.aborted !== null) this.controller.abort(this.aborted.error);
    }
    return this.controller.signal;
  }

  log(level: LogLevel, message: string, fields?: JsonObject): void {
    this.logger[level](message, { ...fields, ...this.ref, agent: this.agent.profile.name });
  }

  progress(fraction: number, note?: string): void {
    this.hasBeaten = true;
    this.log('debug', 'progress', { fraction, note: note ?? '' });
  }

  heartbeat(details?: JsonValue): void {
    this.hasBeaten = true;
    if (details !== undefined) this.log('debug', 'heartbeat', { details });
  }

  /** Whether the agent has been silent for too long. A sign of life counts from when it is first asked for, so that giving one costs no look at the clock. */
  isSilent(nowMs: number): boolean {
    if (this.heartbeatMs === null || !this.claimed || this.settled || this.aborted !== null) return false;
    if (this.hasBeaten) this.signOfLifeAt = nowMs;
    this.hasBeaten = false;
    return nowMs - Math.max(this.signOfLifeAt, this.begunAt) > this.heartbeatMs;
  }

  async apiToken(): Promise<string> {
    this.refuseWhenOver();
    const { name } = this.agent.profile;
    if (this.apiTokens === undefined) throw new TuttiError('INVALID_CONFIG', `the host of agent ${name} gives no tokens for the API`);
    return this.apiTokens.issueTo(name);
  }

  step<Value extends JsonValue | void>(
    name: string,
    work: (call: StepCall) => Promise<Value> | Value,
    options?: StepOptions<Value>,
  ): Promise<Value> {
    this.steps ??= this.openSteps(this);
    return this.steps.step(name, work, options) as Promise<Value>;
  }

  /** @throws TuttiError once it is aborted, or its outcome is decided */
  refuseWhenOver(): void {
    if (this.aborted !== null) throw this.aborted.error;
    if (this.settled) throw new TuttiError('CANCELLED', `attempt ${this.ref.attempt} of task ${this.ref.task} has ended already`);
  }

  /** What the agent does from here on changes nothing. */
  settle(): void {
    this.settled = true;
    this.disarm();
    this.steps?.close();
  }

  /** The first cause counts. */
  abort(cause: AbortCause, reason: string): void {
    if (this.aborted !== null) return;
    this.aborted = { cause, error: new TuttiError(CAUSE_CODE[cause], reason) };
    this.controller?.abort(this.aborted.error);
  }

  /** One timer at a time: the deadline first, the time left to end after an abort in its place. */
  arm(timer: Cancel): void {
    this.timer?.();
    this.timer = timer;
  }

  disarm(): void {
    this.timer?.();
    this.timer = null;
  }
}
