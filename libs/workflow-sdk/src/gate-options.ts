import type { Capability } from './capability.js';
import type { Duration } from './document.js';
import type { Reference } from './reference.js';
import type { Schema } from './schema.js';
import type { AnyGiven, GivenObject } from './template.js';

type By<Scope, Value> = Value | ((scope: Scope) => Value);

interface GateBase<Steps extends string> {
  readonly name: string;
  /** Said when the gate fails. */
  readonly message?: string;
  readonly onFail?:
    | { readonly action: 'fail' }
    | { readonly action: 'retry'; readonly maxAttempts?: number; readonly journal?: 'keep' | 'reset' }
    | { readonly action: 'goto'; readonly step: Steps; readonly maxVisits?: number };
}

/** A check that the step's output has to pass. */
export type GateOptions<Scope, Steps extends string> = GateBase<Steps> &
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
        readonly metric: 'step.duration' | 'step.attempts' | 'run.duration' | 'run.attempts' | 'value';
        readonly value?: By<Scope, Reference<number>>;
        readonly min?: number;
        readonly max?: number;
      }
    | {
        readonly type: 'approval';
        readonly title: By<Scope, string | Reference<string>>;
        readonly payload?: By<Scope, AnyGiven>;
        /** Whatever else an approval takes: quorum, expiry, escalation. */
        readonly [more: string]: unknown;
      }
  );
