import type { JsonObject } from '@tutti/kernel';

/** What stands in a definition as it is, without expressions of the builder's. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

export interface Retry {
  /** All attempts together, the first included. Default 3. */
  readonly maxAttempts?: number;
  readonly initialInterval?: Duration;
  readonly backoff?: number;
  readonly maxInterval?: Duration;
  readonly jitter?: number;
  readonly journal?: 'keep' | 'reset';
}

export interface ScheduleTrigger {
  readonly name?: string;
  readonly cron?: string;
  readonly every?: Duration;
  readonly offset?: Duration;
  /** IANA name, in which `cron` is read. Default: UTC. */
  readonly timezone?: string;
  readonly overlap?: string;
  readonly catchUp?: Duration;
  readonly jitter?: Duration;
  readonly with?: JsonObject;
}

/** What starts runs by itself. Texts may hold `${{ event.… }}`, as in a YAML file. */
export interface Triggers {
  readonly schedule?: readonly ScheduleTrigger[];
  readonly webhook?: readonly { readonly name: string; readonly secret?: string; readonly where?: string; readonly with?: JsonObject }[];
  readonly event?: readonly { readonly type: string; readonly source?: string; readonly where?: string; readonly with?: JsonObject }[];
  readonly file?: readonly { readonly folder: string; readonly pattern?: string; readonly where?: string; readonly with?: JsonObject }[];
}

export interface NotifyRule {
  readonly on: readonly string[];
  readonly channel: string;
  readonly to?: readonly string[];
}

/** A workflow with the types of its inputs and outputs. `$inputs` and `$outputs` are for the compiler alone; nobody sets them. */
export interface TypedWorkflow<Inputs = unknown, Outputs = unknown> {
  readonly name: string;
  /** The definition, as a YAML file would say it. */
  readonly document: JsonObject;
  readonly $inputs?: Inputs;
  readonly $outputs?: Outputs;
}
