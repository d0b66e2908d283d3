import type { Capability } from './capability.js';
import type { Duration, Retry, TypedWorkflow } from './document.js';
import type { GateOptions } from './gate-options.js';
import type { Ref, Reference } from './reference.js';
import type { Schema } from './schema.js';
import type { Facts, Failure, OutsideEvent, RunScope } from './scope.js';
import type { GivenObject, Shape } from './template.js';

/** Given as it is, or by what is seen at its place. */
type By<Scope, Value> = Value | ((scope: Scope) => Value);
type Asked<Scope, Value> = Reference<Value> | ((scope: Scope) => Reference<Value>);
type ObjectShape<T> = unknown extends T ? GivenObject : Shape<T>;

/** What one unit of work is: exactly one of capability, sleep, wait, workflow, steps, plan, set. */
export interface BodyOptions<Scope, In, Out> {
  /** An agent that can do this does it. A typed one says what goes in and comes out. */
  readonly capability?: string | Capability<In, Out>;
  /** Only this agent. */
  readonly agent?: string;
  readonly routing?: string | { readonly strategy: 'sticky'; readonly key?: By<Scope, string | Reference<string>> };
  readonly priority?: number | Asked<Scope, number>;
  readonly concurrency?: { readonly key?: By<Scope, string | Reference<string>>; readonly limit: number };
  readonly rateLimit?: { readonly key?: By<Scope, string | Reference<string>>; readonly limit: number; readonly per: Duration };
  readonly heartbeatTimeout?: Duration;
  /** A duration, or what gives one or the time at which to go on (ISO 8601). */
  readonly sleep?: Duration | Asked<Scope, string>;
  /** Waits for a signal or an event; the output is what it carries. */
  readonly wait?: WaitOptions<Scope, Out>;
  /** Another workflow; `with` are its inputs. `detach`: started only, the output is `{ runId }`. */
  readonly workflow?: string | TypedWorkflow<In, Out> | WorkflowChoice<In, Out>;
  /** A group of steps, a run of its own with `with` as its inputs; without, with the inputs out here. */
  readonly steps?: StepGroup<In, Out>;
  /** Runs steps that another step planned. */
  readonly plan?: Asked<Scope, unknown> | PlanOptions<Scope>;
  /** Sets variables of the run. */
  readonly set?: (scope: Scope) => GivenObject;
  /** The input. */
  readonly with?: (scope: Scope) => ObjectShape<NoInfer<In>>;
  readonly timeout?: Duration;
  readonly retry?: Retry;
}

export interface WaitOptions<Scope, Out> {
  readonly signal?: string;
  readonly event?: string;
  readonly source?: string;
  /** What a signal must carry. */
  readonly schema?: Schema<Out>;
  readonly where?: (scope: Scope & { readonly signal: Ref<NoInfer<Out>>; readonly event: Ref<OutsideEvent> }) => Reference<unknown>;
}

export type WorkflowChoice<In, Out> =
  | { readonly name: string | TypedWorkflow<In, Out>; readonly version?: number; readonly detach?: false }
  | { readonly name: string | TypedWorkflow<In>; readonly version?: number; readonly detach: true };

export interface PlanOptions<Scope> {
  readonly from: Asked<Scope, unknown>;
  /** What its steps may ask for; "docs.*" for all below. */
  readonly capabilities?: readonly string[];
  readonly maxSteps?: number;
}

/** Steps that run as one: made by `group()`. */
export interface StepGroup<In = unknown, Out = unknown> {
  readonly kind: 'group';
  readonly document: TypedWorkflow['document'];
  readonly $inputs?: In;
  readonly $outputs?: Out;
}

export type ItemScope<Item> = [Item] extends [never] ? unknown : { readonly item: Ref<Item>; readonly index: Ref<number> };
/** What the steps that need it see: of a fan-out a list. */
export type Joined<Item, Out> = [Item] extends [never] ? Out : readonly Out[];

/** What a step's work sees. */
export type WorkScope<F extends Facts, Visible, Item> = RunScope<F, Visible> &
  ItemScope<Item> & { readonly iteration: Ref<number>; readonly last: Ref<unknown> };
type UndoScope<F extends Facts, Visible, Item, Out> = RunScope<F, Visible> &
  ItemScope<Item> & { readonly input: Ref<unknown>; readonly output: Ref<Out>; readonly error: Ref<Failure> };
type CatchScope<F extends Facts, Visible> = RunScope<F, Visible> & { readonly error: Ref<Failure> };

export interface ForEach<Scope, Item> {
  readonly items: Asked<Scope, readonly Item[]>;
  /** Most tasks at once. Default 10. */
  readonly concurrency?: number;
}

export interface StepOptions<
  F extends Facts,
  Id extends string,
  Visible extends string,
  Needs extends string,
  Item,
  In,
  Out,
  Undone,
  Cases,
  Catches,
> extends BodyOptions<WorkScope<F, Visible, NoInfer<Item>>, In, Out> {
  readonly name?: string;
  readonly description?: string;
  /** Steps that must have ended. Only they, and what they need, can be read. */
  readonly needs?: Needs | readonly Needs[];
  /** Runs only when true. See also `always`, `success` and `failure`. */
  readonly if?: Asked<RunScope<F, Visible>, unknown>;
  /** Once for each of a list, with `item` and `index`. Stands before what uses them. */
  readonly forEach?: ((scope: RunScope<F, Visible>) => Reference<readonly Item[]>) | ForEach<RunScope<F, Visible>, Item>;
  /** Its value, as text, chooses one of `cases`. */
  readonly switch?: Asked<WorkScope<F, Visible, NoInfer<Item>>, unknown>;
  readonly cases?: { readonly [Case in keyof Cases]: BodyOptions<WorkScope<F, Visible, NoInfer<Item>>, Cases[Case], unknown> };
  readonly default?: BodyOptions<WorkScope<F, Visible, NoInfer<Item>>, unknown, unknown>;
  /** Does it again until something is true. */
  readonly repeat?: {
    readonly until: (
      scope: WorkScope<F, Visible, NoInfer<Item>> & { readonly output: Ref<Joined<NoInfer<Item>, NoInfer<Out>>> },
    ) => Reference<unknown>;
    readonly maxTimes?: number;
    readonly delay?: Duration;
  };
  /** Schema of the task's input, where no typed capability says it. */
  readonly input?: Schema<In>;
  /** Schema of the output, where no typed capability says it. */
  readonly output?: Schema<Out>;
  readonly gates?: readonly GateOptions<
    RunScope<F, Visible> & { readonly output: Ref<Joined<NoInfer<Item>, NoInfer<Out>>> },
    NoInfer<Visible | Id>
  >[];
  /** What runs instead when the step has failed; the first that fits. */
  readonly catch?: {
    readonly [Index in keyof Catches]: BodyOptions<CatchScope<F, Visible>, Catches[Index], unknown> & {
      readonly codes?: readonly string[];
    };
  };
  /** Undoes the step when the run fails or is cancelled later. */
  readonly compensate?: BodyOptions<UndoScope<F, Visible, NoInfer<Item>, NoInfer<Out>>, Undone, unknown>;
}
