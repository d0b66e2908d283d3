import type { Capability } from './capability.js';
import type { Duration } from './document.js';
import type { Reference } from './reference.js';
import type { Schema } from './schema.js';
import type { AnyGiven, GivenObject } from './template.js';

type By<Scope, Value> = Value | ((scope: Scope) => Value);

/** Who decides an approval, and until when. */
export interface ApprovalRules {
  /** Who may decide, like `user:ann`. Default: anyone. */
  readonly approvers?: readonly string[];
  /** How many different people must approve; one rejection rejects. Default 1. */
  readonly quorum?: number;
  /** Who may not: `starter`, or who decided another gate, as `step.gate`. */
  readonly separateFrom?: readonly string[];
  /** It counts as rejected when it is not decided by then. */
  readonly expires?: Duration;
  /** Who is asked besides, when it is not decided by then. */
  readonly escalate?: readonly { readonly after: Duration; readonly to: readonly string[] }[];
  /** Mail addresses or channels to tell. */
  readonly notify?: readonly string[];
}

/** A person says whether to go on nevertheless. */
interface AskPerson extends ApprovalRules {
  readonly action: 'approval';
  readonly title?: string;
}

/** `otherwise`: what happens when the number is used up. Default: the step fails. */
type OnFail<Steps extends string> =
  | { readonly action: 'fail' }
  | {
      readonly action: 'retry';
      readonly maxAttempts?: number;
      readonly journal?: 'keep' | 'reset';
      /** Who has the next attempts, one after the other. */
      readonly agents?: readonly string[];
      readonly otherwise?: AskPerson;
    }
  | { readonly action: 'goto'; readonly step: Steps; readonly maxVisits?: number; readonly otherwise?: AskPerson }
  | AskPerson;

interface GateBase<Scope, Steps extends string> {
  readonly name: string;
  /** Said when the gate fails. */
  readonly message?: By<Scope, string | Reference<string>>;
  readonly onFail?: OnFail<Steps>;
}

/** A check that the step's output has to pass. */
export type GateOptions<Scope, Steps extends string> = GateBase<Scope, Steps> &
  (
    | { readonly type: 'schema'; readonly schema: Schema }
    | { readonly type: 'expression'; readonly expression: By<Scope, Reference<unknown>> }
    | { readonly type: 'plan'; readonly plan?: By<Scope, Reference<unknown>> }
    | {
        readonly type: 'command';
        readonly run: By<Scope, string | Reference<string> | readonly (string | Reference<string>)[]>;
        readonly with?: (scope: Scope) => GivenObject;
        readonly timeout?: Duration;
      }
    | {
        readonly type: 'agent';
        readonly capability: string | Capability<never, unknown>;
        readonly agents?: readonly string[];
        readonly judges?: number;
        readonly pass?: 'all' | 'majority' | 'any' | number;
        readonly minScore?: number;
        readonly with?: (scope: Scope) => GivenObject;
        readonly timeout?: Duration;
      }
    | {
        readonly type: 'metric';
        readonly metric: 'step.duration' | 'step.attempts' | 'run.attempts' | 'value';
        readonly value?: By<Scope, Reference<number>>;
        readonly min?: number;
        readonly max?: number;
      }
    | ({
        readonly type: 'approval';
        readonly title: By<Scope, string | Reference<string>>;
        /** What is approved; the approval holds for exactly this value. Default: the step's output. */
        readonly payload?: By<Scope, AnyGiven>;
      } & ApprovalRules)
  );
