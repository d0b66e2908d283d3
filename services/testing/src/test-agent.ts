import type { AgentContext, AgentTask, JsonValue } from '@tutti/agent-sdk';
import type { AgentInstance } from '@tutti/agent-workers';
import type { Capability, Duration } from '@tutti/workflow-sdk';

/** What a fake agent is called with beside its input. */
export interface TestContext extends AgentContext {
  readonly task: AgentTask;
  /** Works for so long, of simulated time. Rejects when the attempt is aborted. */
  sleep(length: Duration): Promise<void>;
  /** Never answers. Rejects when the attempt is aborted. */
  hang(): Promise<never>;
}

/** JSON of whatever shape the test says it has. */
type Untyped = ReturnType<JSON['parse']>;

/** Plays an agent: gets the task's input and gives its output. */
export type TestHandler = Playing['play'];

interface Playing {
  // A method, so that whatever type the test gives the input fits.
  play(input: Untyped, context: TestContext): unknown;
}

/** A fake, an agent, or the class of one, which is made anew each time the system starts. */
export type TestAgent = TestHandler | AgentInstance | (new () => AgentInstance);

export interface NamedTestAgents {
  /** Each is an agent of its own: for routing, and for gates that name their judges. */
  readonly names: readonly string[];
  readonly agent: TestAgent;
  /** Tasks at once, of each. Default 100. */
  readonly concurrency?: number;
}

/** By the capability that it has. */
export type TestAgents = Readonly<Record<string, TestAgent | NamedTestAgents>>;

/** The fake of a typed capability, as a member of `agents`: `...does(reserve, ({ sku }) => ({ id: `r-${sku}` }))`. */
export function does<In, Out>(
  capability: Capability<In, Out>,
  handler: (input: In, context: TestContext) => Promise<Out> | Out,
): Readonly<Record<string, TestAgent>> {
  return { [capability.name]: handler };
}

/** A program that a `command` gate wants to have run. */
export interface GateCommand {
  /** A program and its arguments, or one text for a shell. */
  readonly run: string | readonly string[];
  /** Values of the run that the text for a shell names. */
  readonly env: Readonly<Record<string, JsonValue>>;
  /** What it would read. */
  readonly stdin: JsonValue;
}

/** Stands for the programs of `command` gates, as a member of `agents`: `...commands(({ run }) => (run[0] === 'npm' ? 0 : 1))` gives the exit code. */
export function commands(play: (command: GateCommand) => number | Promise<number>): Readonly<Record<string, TestAgent>> {
  const handler = async (command: GateCommand): Promise<JsonValue> => ({
    exitCode: await play(command),
    signal: null,
    stdout: '',
    stderr: '',
  });
  return { 'tutti.command': handler };
}

/** One attempt that reached an agent. */
export interface AgentCall {
  readonly capability: string;
  readonly agent: string;
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly input: JsonValue;
  readonly idempotencyKey: string;
  /** Objections of gates to what came before. */
  readonly feedback: AgentTask['feedback'];
  /** Simulated time. */
  readonly at: Date;
}

/** What goes wrong with an agent. */
export interface Failure {
  /** So many attempts fail. Default 1. */
  readonly times?: number;
  /** Default: INJECTED_FAILURE. */
  readonly code?: string;
  readonly message?: string;
  /** Whether another attempt makes sense. Default true. */
  readonly retryable?: boolean;
  /** The agent does its work, and fails then. Default false: it does not begin. */
  readonly afterwards?: boolean;
}
