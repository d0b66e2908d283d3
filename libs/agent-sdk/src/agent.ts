import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { StepCall, StepOptions } from './step.js';

/** Why a gate refused the result before; handed to the next attempt so that it can do better. */
export interface GateFeedback {
  readonly gate: string;
  readonly message: string;
  readonly evidence?: JsonValue;
}

/** One attempt of one task. */
export interface AgentTask {
  readonly taskId: string;
  readonly runId: string;
  readonly step: string;
  readonly capability: string;
  /** From 1; a later attempt has a higher number. */
  readonly attempt: number;
  readonly input: JsonValue;
  readonly feedback: readonly GateFeedback[];
  /** The same over all attempts of the task: hand it to systems that drop repeats. */
  readonly idempotencyKey: string;
}

/** What the agent is, as registered. */
export interface AgentProfile {
  readonly name: string;
  readonly version: string;
  readonly role: string;
  readonly description: string;
  readonly prompt: string;
  readonly capabilities: readonly string[];
  readonly tools: readonly string[];
  readonly limits: { readonly concurrency: number; readonly timeoutMs: number };
  readonly metadata: JsonObject;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface AgentMessage {
  readonly messageId: string;
  readonly sender: string;
  /** An agent's name. */
  readonly recipient: string;
  readonly messageType: string;
  readonly content: JsonValue;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly replyTo?: string;
}

/** What the host offers an agent while it works. */
export interface AgentContext {
  readonly profile: AgentProfile;
  /** Aborted when the attempt is cancelled, timed out or superseded; its result will not count then. */
  readonly signal: AbortSignal;
  log(level: LogLevel, message: string, fields?: JsonObject): void;
  /** Telemetry: lossy, never an event. `fraction` from 0 to 1. A sign of life, as {@link heartbeat} is. */
  progress(fraction: number, note?: string): void;
  /**
   * Says that the work goes on, and where it is. A step with a `heartbeatTimeout` takes an attempt to be hung when nothing came for so long.
   * Cheap: call it as often as it suits. Telemetry, never an event.
   */
  heartbeat(details?: JsonValue): void;
  /**
   * A bearer token for Tutti's own API, in the name of this agent (`agent:<name>`). It may read runs, nothing else, and is good for one to five minutes: ask for
   * it anew before each use, and keep it nowhere.
   *
   * @throws TuttiError CANCELLED, TIMED_OUT or SHUTTING_DOWN once the attempt is aborted · INVALID_CONFIG on a host that gives none, such as a test kit
   */
  apiToken(): Promise<string>;
  /**
   * Runs `work` and keeps what it resolves to in the task's journal: durable before this resolves. A later attempt that comes to the same
   * step gets the recorded value, and `work` does not run. A step is the same by its name and by how many calls had that name before, so an
   * attempt must come to the steps of one name in the same order; steps may run at once.
   *
   * What it resolves to is a copy of the JSON that was recorded; a step without a result gives null. An error of `work` rejects as it is.
   *
   * @throws TuttiError SIDE_EFFECT_UNCERTAIN when an irreversible step was begun before and nobody knows how it ended · STEP_MISMATCH when
   * the recorded step has another class or input · PAYLOAD_TOO_LARGE at the journal's limits · INVALID_REQUEST for options that make no
   * sense · CANCELLED, TIMED_OUT or SHUTTING_DOWN once the attempt is aborted
   */
  step<Value extends JsonValue | void>(
    name: string,
    work: (call: StepCall) => Promise<Value> | Value,
    options?: StepOptions<Value>,
  ): Promise<Value>;
}

/** What the host offers an agent over its whole life. */
export interface AgentHost {
  readonly profile: AgentProfile;
  /** Resolves when the message is durable; it reaches the recipient's {@link Agent.receive} at least once. */
  send(message: {
    readonly recipient: string;
    readonly messageType: string;
    readonly content: JsonValue;
    readonly replyTo?: string;
  }): Promise<void>;
  /** The state last saved under the agent's name, or null. */
  loadState(): Promise<JsonValue | null>;
  /** Durable when it resolves. At most 256 KiB of JSON. */
  saveState(state: JsonValue): Promise<void>;
}

/**
 * Base of agents written as a class. One instance serves all tasks of its worker, several at once: keep what belongs to a task in local
 * variables. An exception fails the attempt and is retried as the step's policy says; throw {@link AgentFailure} to say more.
 */
export abstract class Agent {
  private host: AgentHost | null = null;

  /** Works on one attempt; what it resolves to is the task's output. */
  abstract processTask(task: AgentTask, context: AgentContext): Promise<JsonValue>;

  /** Called once before the first task or message. Override to load state; call `super.start(host)` first. */
  async start(host: AgentHost): Promise<void> {
    this.host = host;
    await Promise.resolve();
  }

  /** A message from another agent; it is acknowledged when this resolves and comes again when it rejects. Ignored unless overridden. */
  async receive(message: AgentMessage): Promise<void> {
    await Promise.resolve(message);
  }

  protected send(message: Parameters<AgentHost['send']>[0]): Promise<void> {
    return this.started().send(message);
  }

  protected loadState(): Promise<JsonValue | null> {
    return this.started().loadState();
  }

  protected saveState(state: JsonValue): Promise<void> {
    return this.started().saveState(state);
  }

  private started(): AgentHost {
    if (this.host === null)
      throw new Error(`${this.constructor.name} is not started yet: send, loadState and saveState work from start() on`);
    return this.host;
  }
}
