import type { AgentTask } from '@tutti/agent-sdk';
import type { AttemptRef, ClaimAnswer, TaskAssignedMessage, TaskCancelledMessage, TaskChannel } from '@tutti/contracts';
import { sha256Hex, TuttiError, type JsonObject, type JsonValue, type Runtime } from '@tutti/kernel';
import type { Logger, Span, Tracer, ValueStore } from '@tutti/service-kit';
import { TaskSteps, type TaskStepsParts } from '../journal/task-steps.js';
import type { ApiTokens } from './api-tokens.js';
import { loadInput } from './attempt-input.js';
import { attemptError } from './attempt-failure.js';
import { Attempt, attemptKey, type AbortCause } from './attempt.js';
import { Gate } from './gate.js';
import type { HostedAgent } from './hosted-agent.js';
import { copyJson } from './json-copy.js';
import type { AttemptResult, ResultReporter } from './result-reporter.js';

interface TaskRunnerOptions {
  readonly worker: string;
  readonly agents: ReadonlyMap<string, HostedAgent>;
  readonly channel: Pick<TaskChannel, 'claim'>;
  readonly values: Pick<ValueStore, 'load' | 'peek'>;
  readonly reporter: ResultReporter;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Results that are not durable yet; at this many no new task is begun. */
  readonly maxUnreportedResults: number;
  /** Time an agent has to end after its signal was aborted; its attempt is given up then, whether it ended or not. */
  readonly abortGraceMs: number;
  readonly journal: TaskStepsParts;
  readonly apiTokens?: ApiTokens;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer;
}

type Go = ClaimAnswer & { readonly verdict: 'go' };

const TAKEN = Promise.resolve();

/** Works on the attempts that are assigned to this worker: claim, run, report. */
export class TaskRunner {
  private readonly attempts = new Map<string, Attempt>();
  private readonly unreported: Gate;
  /** By agent: owners of runs each count the seats that they gave, several of them may give more than there are. */
  private readonly seats: ReadonlyMap<string, Gate>;
  private readonly idleWaiters: (() => void)[] = [];
  private stopped = false;

  constructor(private readonly options: TaskRunnerOptions) {
    this.unreported = new Gate(options.maxUnreportedResults);
    this.seats = new Map([...options.agents].map(([name, { profile }]) => [name, new Gate(profile.limits.concurrency)]));
  }

  /**
   * Resolves when the attempt is claimed and begun, or is not this worker's to do; not when it ends. A repeat of what is in hand does
   * nothing.
   *
   * @throws what the claim throws: the attempt is not taken then, and may be handed in again
   */
  take(message: TaskAssignedMessage): Promise<void> {
    const key = attemptKey(message);
    if (this.stopped || this.attempts.has(key)) return TAKEN;
    const attempt = new Attempt(
      key,
      message,
      this.options.agents.get(message.agent) ?? missing(message.agent),
      this.options.logger,
      this.openSteps,
      this.options.apiTokens,
    );
    this.attempts.set(key, attempt);
    attempt.seat = this.seats.get(message.agent) ?? null;
    if (this.hasRoom(attempt)) return this.begin(attempt);
    return this.untilRoom(attempt).then(() => this.begin(attempt));
  }

  cancel(message: TaskCancelledMessage): void {
    const attempt = this.attempts.get(attemptKey(message));
    if (attempt !== undefined)
      this.abort(attempt, 'cancelled', `attempt ${message.attempt} of task ${message.task} was cancelled: ${message.reason}`);
  }

  /** What the owner has granted and has no durable result of yet. */
  holding(): readonly AttemptRef[] {
    return [...this.attempts.values()].filter((held) => held.claimed).map((held) => held.ref);
  }

  /** Attempts whose agent has been silent for longer than its step allows. */
  silent(): readonly AttemptRef[] {
    const now = this.options.runtime.clock.monotonic();
    const found: AttemptRef[] = [];
    for (const attempt of this.attempts.values()) if (attempt.isSilent(now)) found.push(attempt.ref);
    return found;
  }

  /** Resolves when nothing is in hand. */
  idle(): Promise<void> {
    if (this.attempts.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  /** Takes nothing more and aborts what runs; what an agent still achieves in its time to end is reported, the rest goes elsewhere. */
  abortAll(): void {
    this.stopped = true;
    this.unreported.open();
    for (const seat of this.seats.values()) seat.open();
    for (const attempt of [...this.attempts.values()]) this.abort(attempt, 'stopping', `worker ${this.options.worker} stops`);
  }

  private hasRoom({ seat }: Attempt): boolean {
    return this.unreported.hasRoom && (seat === null || seat.hasRoom);
  }

  /** Unclaimed meanwhile: nobody takes it for begun, and it costs no attempt. */
  private async untilRoom(attempt: Attempt): Promise<void> {
    while (!this.stopped && attempt.aborted === null && !this.hasRoom(attempt)) await (this.unreported.room() ?? attempt.seat?.room());
  }

  private async begin(attempt: Attempt): Promise<void> {
    let answer: ClaimAnswer;
    attempt.seat?.take();
    try {
      if (this.stopped) return this.forget(attempt);
      answer = await this.options.channel.claim(this.options.worker, attempt.ref);
    } catch (error) {
      this.forget(attempt);
      throw error;
    }
    if (answer.verdict !== 'go') return this.forget(attempt);
    attempt.claimed = true;
    attempt.heartbeatMs = answer.heartbeatMs ?? null;
    attempt.journalFrom = answer.journalFrom ?? 1;
    attempt.begunAt = this.options.runtime.clock.monotonic();
    if (this.options.tracer?.enabled === true) this.workInSpan(this.options.tracer, attempt, answer);
    else void this.work(attempt, answer);
  }

  private workInSpan(tracer: Tracer, attempt: Attempt, go: Go): void {
    const { runId, task, step, capability, attempt: number, agent, agentVersion } = attempt.message;
    attempt.span = tracer.start({
      name: `invoke_agent ${agent}`,
      attributes: {
        ...{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': agent, 'gen_ai.agent.version': agentVersion },
        ...{ 'tutti.run.id': runId, 'tutti.step': step, 'tutti.task.id': task, 'tutti.attempt': number, 'tutti.agent': agent },
        ...{ 'tutti.capability': capability, 'tutti.worker': this.options.worker },
      },
    });
    attempt.span.run(() => void this.work(attempt, go));
  }

  /** Never rejects. */
  private async work(attempt: Attempt, go: Go): Promise<void> {
    let result: AttemptResult;
    try {
      this.armDeadline(attempt, go.deadlineAt);
      const { values, runtime } = this.options;
      const input = values.peek(go.input) ?? (await loadInput(attempt, go.input, { values, timers: runtime.timers }));
      if (attempt.aborted !== null) throw attempt.aborted.error;
      const output = await attempt.agent.instance.processTask(agentTask(attempt, input, go), attempt);
      result = { outcome: 'succeeded', output: copyJson(output, 'output'), durationMs: this.durationMs(attempt) };
    } catch (thrown) {
      result = { outcome: 'failed', error: attemptError(attempt.aborted?.error ?? thrown), durationMs: this.durationMs(attempt) };
    }
    this.settle(attempt, result);
  }

  private durationMs(attempt: Attempt): number {
    return this.options.runtime.clock.monotonic() - attempt.begunAt;
  }

  private armDeadline(attempt: Attempt, deadlineAt: string | null): void {
    const { timeoutMs } = attempt.agent.profile.limits;
    if (deadlineAt === null && timeoutMs === 0) return;
    const { clock, timers } = this.options.runtime;
    const untilDeadline = deadlineAt === null ? Infinity : Date.parse(deadlineAt) - clock.now();
    const delay = Math.max(0, Math.min(untilDeadline, timeoutMs === 0 ? Infinity : timeoutMs));
    attempt.arm(
      timers.after(delay, () =>
        this.abort(
          attempt,
          'timeout',
          `attempt ${attempt.ref.attempt} of task ${attempt.ref.task} took longer than ${Math.round(delay)} ms`,
        ),
      ),
    );
  }

  private abort(attempt: Attempt, cause: AbortCause, reason: string): void {
    if (attempt.settled || (attempt.aborted !== null && cause !== 'stopping')) return;
    const { runtime, abortGraceMs } = this.options;
    attempt.abort(cause, reason);
    if (!attempt.claimed) return;
    // Its owner counts the seat as free from now on.
    this.freeSeat(attempt);
    attempt.arm(
      runtime.timers.after(abortGraceMs, () => {
        if (attempt.settled || attempt.aborted === null) return;
        attempt.log('warn', 'agent goes on after its attempt was aborted; its result will be dropped', { graceMs: abortGraceMs });
        this.settle(attempt, { outcome: 'failed', error: attemptError(attempt.aborted.error), durationMs: this.durationMs(attempt) });
      }),
    );
  }

  private settle(attempt: Attempt, result: AttemptResult): void {
    if (attempt.settled) return;
    attempt.settle();
    this.freeSeat(attempt);
    if (attempt.span !== null) endSpan(attempt.span, result);
    // Nobody judged the agent here: without a report the attempt goes elsewhere once the worker has departed.
    if (result.outcome === 'failed' && attempt.aborted?.cause === 'stopping') return this.forget(attempt);
    this.unreported.take();
    void this.hand(attempt, result);
  }

  private async hand(attempt: Attempt, result: AttemptResult): Promise<void> {
    await this.options.reporter.deliver(attempt, result);
    this.unreported.giveBack();
    this.forget(attempt);
  }

  /** Most agents have no steps: nothing of this is made for their attempts. */
  private readonly openSteps = (attempt: Attempt): TaskSteps => {
    const { ref, journalFrom, message } = attempt;
    return new TaskSteps(this.options.journal, {
      owner: { ...ref, keptFrom: journalFrom, agent: message.agent },
      get signal() {
        return attempt.signal;
      },
      refuseWhenOver: () => attempt.refuseWhenOver(),
      superseded: (error) => this.abort(attempt, 'superseded', error.message),
    });
  };

  private freeSeat(attempt: Attempt): void {
    attempt.seat?.giveBack();
    attempt.seat = null;
  }

  private forget(attempt: Attempt): void {
    this.freeSeat(attempt);
    attempt.disarm();
    this.attempts.delete(attempt.key);
    if (this.attempts.size > 0 || this.idleWaiters.length === 0) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }
}

function endSpan(span: Span, result: AttemptResult): void {
  if (result.outcome === 'failed') span.fail(result.error);
  span.end();
}

function agentTask(attempt: Attempt, input: JsonValue, go: Go): AgentTask {
  const { runId, task, step, capability, attempt: number } = attempt.message;
  return {
    taskId: task,
    runId,
    step,
    capability,
    attempt: number,
    input: copyJson(input, 'input'),
    feedback: go.feedback.map((entry) => copyJson(entry, 'feedback') as JsonObject & AgentTask['feedback'][number]),
    // Most agents never ask for it. The same over attempts.
    get idempotencyKey() {
      return sha256Hex(`${runId}\n${task}`);
    },
  };
}

/** Stands for an agent that the owner believes to be here; the attempt fails and may go elsewhere. */
function missing(name: string): HostedAgent {
  const error = new TuttiError('AGENT_NOT_FOUND', `agent ${name} is not hosted by this worker`, { retryable: true });
  const nothing = {
    version: '',
    description: '',
    role: '',
    capabilities: [],
    specialisations: [],
    prompt: '',
    model: '',
    tools: [],
    metadata: {},
  };
  const profile = { ...nothing, name, limits: { concurrency: 1, timeoutMs: 0 }, kind: 'class' } as const;
  return { profile, instance: { processTask: () => Promise.reject(error) } };
}
