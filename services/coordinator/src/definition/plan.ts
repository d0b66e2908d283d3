import type { Expression } from '../expressions/expression.js';
import type { Template } from '../expressions/template.js';
import type { AdmissionPlan } from './admission.js';
import type { CompiledSchema } from './json-schema.js';

/** A definition made ready to run. Immutable, shared by all runs of a version. */
export interface Plan {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly inputs: CompiledSchema | null;
  /** In the order of the definition. */
  readonly steps: ReadonlyMap<string, StepPlan>;
  /** Steps that belong to another: those of gates, compensations and the failure handler. They run when their owner says so. */
  readonly inner: ReadonlyMap<string, StepPlan>;
  /** Groups of steps, by {@link ChildSource} block. Each is the plan of a run of its own. */
  readonly blocks: ReadonlyMap<string, PlanOfDefinition>;
  readonly variables: Template | null;
  readonly labels: Template | null;
  readonly queries: ReadonlyMap<string, Expression>;
  /** Longest time for the whole run; null for none. */
  readonly timeoutMs: number | null;
  /** Id of the inner step that runs when the run has failed. */
  readonly onFailure: string | null;
  readonly outputs: Template | null;
}

/** What a definition gives before it has a version. */
export type PlanOfDefinition = Omit<Plan, 'version'>;

export interface StepPlan {
  readonly id: string;
  readonly name: string;
  readonly needs: readonly string[];
  /** Steps that need it, directly or through others. */
  readonly dependents: ReadonlySet<string>;
  readonly condition: Expression | null;
  readonly forEach: { readonly items: Expression; readonly concurrency: number } | null;
  readonly body: BodyPlan;
  readonly repeat: RepeatPlan | null;
  readonly output: CompiledSchema | null;
  readonly gates: readonly GatePlan[];
  readonly catches: readonly CatchPlan[];
  /** Id of the inner step that undoes it. */
  readonly compensation: string | null;
}

/** What one unit of work of a step is. */
export type BodyPlan = WorkPlan | SwitchBody;
export type WorkPlan = TaskBody | SleepBody | WaitBody | ChildBody | SetBody;

interface WorkBase {
  readonly input: Template;
  readonly timeoutMs: number | null;
  readonly retry: RetryPolicy;
}

/** An agent does it. */
export interface TaskBody extends WorkBase {
  readonly kind: 'task';
  readonly capability: string;
  /** Only this agent; in a list one for each place, for null any. */
  readonly agent: string | null;
  readonly panel: readonly string[] | null;
  readonly admission: AdmissionPlan;
  readonly inputSchema: CompiledSchema | null;
  /** Longest silence of the agent within one attempt. */
  readonly heartbeatMs: number | null;
}

export interface SleepBody extends WorkBase {
  readonly kind: 'sleep';
  /** Milliseconds, or what gives a duration or a time. */
  readonly length: number | Expression;
}

export interface WaitBody extends WorkBase {
  readonly kind: 'wait';
  readonly awaited:
    | { readonly kind: 'signal'; readonly name: string; readonly schema: CompiledSchema | null }
    | { readonly kind: 'event'; readonly eventType: string; readonly source: string | null };
  readonly where: Expression | null;
}

/** A run of its own does it. */
export interface ChildBody extends WorkBase {
  readonly kind: 'child';
  readonly source: ChildSource;
  /** It says no `with`: its inputs are those out here, and what its expressions see besides: `item`, `index`, `error`, … */
  readonly inherits: boolean;
}

export type ChildSource =
  | { readonly kind: 'workflow'; readonly name: string; readonly version: number | null; readonly detach: boolean }
  | { readonly kind: 'group'; readonly block: string }
  | { readonly kind: 'plan'; readonly from: Expression; readonly capabilities: readonly string[] | null; readonly maxSteps: number };

/** Sets variables of the run to its input. */
export interface SetBody extends WorkBase {
  readonly kind: 'set';
}

export interface SwitchBody {
  readonly kind: 'switch';
  readonly on: Expression;
  readonly cases: ReadonlyMap<string, WorkPlan>;
  readonly otherwise: WorkPlan | null;
}

export interface RepeatPlan {
  readonly until: Expression;
  readonly maxTimes: number;
  readonly delayMs: number;
}

export interface CatchPlan {
  /** Null for every error; "x.*" for all that begin so. */
  readonly codes: readonly string[] | null;
  readonly body: WorkPlan;
}

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly initialMs: number;
  readonly backoff: number;
  readonly maxMs: number;
  /** 0 to 1: the part of each wait that is random. */
  readonly jitter: number;
  readonly journal: 'keep' | 'reset';
}

/** A person has the last word on what a gate refused. */
export interface AskPerson {
  readonly action: 'approval';
  readonly title: Template | null;
  readonly rules: ApprovalRules;
}

export type OnFail =
  | { readonly action: 'fail' }
  | {
      readonly action: 'retry';
      readonly maxAttempts: number;
      readonly journal: 'keep' | 'reset';
      /** Who has the next attempts, in their turn; null as before. */
      readonly agents: readonly string[] | null;
      /** When all attempts are used up; null: the step fails. */
      readonly otherwise: AskPerson | null;
    }
  | { readonly action: 'goto'; readonly step: string; readonly maxVisits: number; readonly otherwise: AskPerson | null }
  | AskPerson;

/** Who decides an approval, and until when. */
export interface ApprovalRules {
  /** Null for anyone. */
  readonly approvers: readonly string[] | null;
  readonly quorum: number;
  /** `starter`, or `step.gate` whose approvers may not decide this one. */
  readonly separateFrom: readonly string[];
  readonly expiresMs: number | null;
  readonly escalations: readonly { readonly afterMs: number; readonly to: readonly string[] }[];
  readonly notify: readonly string[];
}

interface GateBase {
  readonly name: string;
  /** Said when it fails. */
  readonly message: Template | null;
  readonly onFail: OnFail;
}

export type GatePlan =
  | (GateBase & { readonly type: 'schema'; readonly schema: CompiledSchema })
  | (GateBase & { readonly type: 'expression'; readonly expression: Expression })
  | (GateBase & { readonly type: 'plan'; readonly plan: Expression | null })
  | (GateBase & {
      readonly type: 'metric';
      readonly metric: 'step.duration' | 'step.attempts' | 'run.attempts' | 'value';
      readonly value: Expression | null;
      readonly min: number | null;
      readonly max: number | null;
    })
  /** Takes time: an inner step does it. */
  | (GateBase & { readonly type: 'command'; readonly inner: string })
  | (GateBase & {
      readonly type: 'agent';
      readonly inner: string;
      readonly judges: number;
      readonly pass: 'all' | 'majority' | 'any' | number;
      readonly minScore: number | null;
    })
  | (GateBase & {
      readonly type: 'approval';
      readonly title: Template;
      readonly payload: Expression | null;
      readonly rules: ApprovalRules;
    });

export const NO_RETRY: RetryPolicy = { maxAttempts: 1, initialMs: 0, backoff: 1, maxMs: 0, jitter: 0, journal: 'keep' };

/** Who is asked about a failed gate, at once or when nothing else is left; null for nobody. */
export function personAsked(onFail: OnFail): AskPerson | null {
  if (onFail.action === 'approval') return onFail;
  return onFail.action === 'fail' ? null : onFail.otherwise;
}

/** A step of the definition or an inner one. */
export function findStep(plan: Plan, id: string): StepPlan | undefined {
  return plan.steps.get(id) ?? plan.inner.get(id);
}

/** What the step's tasks are made of while it does what it was written for; a switch's `branch` says which case. */
export function workOf(body: BodyPlan, branch: string | null): WorkPlan | null {
  if (body.kind !== 'switch') return body;
  return (branch === null ? undefined : body.cases.get(branch)) ?? body.otherwise;
}

/** The only agent that may have the task; null for any with the capability. */
export function pinnedAgent({ agent, panel }: TaskBody, index: number | null): string | null {
  return (index === null ? undefined : panel?.[index]) ?? agent;
}
