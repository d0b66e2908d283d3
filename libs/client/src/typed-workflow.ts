/**
 * A workflow that carries the types of its inputs and outputs, as the builder of `@tutti/workflow-sdk` makes them. Any object of this shape will do.
 *
 * `$inputs` and `$outputs` are for the compiler alone; nobody sets them.
 */
export interface TypedWorkflow<Inputs = unknown, Outputs = unknown> {
  /** The name it is registered under. */
  readonly name: string;
  /** The definition's document, as a YAML file would say it. */
  readonly document: object;
  readonly $inputs?: Inputs;
  readonly $outputs?: Outputs;
}

export type InputsOf<Workflow> = Workflow extends TypedWorkflow<infer Inputs, unknown> ? Inputs : never;
export type OutputsOf<Workflow> = Workflow extends TypedWorkflow<unknown, infer Outputs> ? Outputs : never;
