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
  readonly outputs: Template | null;
}

export interface StepPlan {
  readonly id: string;
  readonly name: string;
  readonly needs: readonly string[];
  /** Steps that need it, directly or through others. */
  readonly dependents: ReadonlySet<string>;
  readonly condition: Expression | null;
  readonly capability: string;
  readonly agent: string | null;
  readonly admission: AdmissionPlan;
  readonly input: Template;
  readonly forEach: { readonly items: Expression; readonly concurrency: number } | null;
  readonly timeoutMs: number | null;
  /** Longest silence of the agent within one attempt. */
  readonly heartbeatMs: number | null;
  readonly retry: RetryPolicy;
  readonly output: CompiledSchema | null;
  readonly gates: readonly GatePlan[];
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

export type OnFail =
  | { readonly action: 'fail' }
  | { readonly action: 'retry'; readonly maxAttempts: number; readonly journal: 'keep' | 'reset' }
  | { readonly action: 'goto'; readonly step: string; readonly maxVisits: number };

interface GateBase {
  readonly name: string;
  readonly message: string | null;
  readonly onFail: OnFail;
}

export type GatePlan =
  | (GateBase & { readonly type: 'schema'; readonly schema: CompiledSchema })
  | (GateBase & { readonly type: 'expression'; readonly expression: Expression })
  | (GateBase & { readonly type: 'approval'; readonly title: Template; readonly payload: Expression | null });

export const NO_RETRY: RetryPolicy = { maxAttempts: 1, initialMs: 0, backoff: 1, maxMs: 0, jitter: 0, journal: 'keep' };
