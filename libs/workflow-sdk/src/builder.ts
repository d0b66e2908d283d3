import { TuttiError, type JsonObject } from '@tutti/kernel';
import { stringify } from 'yaml';
import type { Duration, NotifyRule, Triggers, TypedWorkflow } from './document.js';
import type { Ref, Reference } from './reference.js';
import { toJsonSchema, type Schema } from './schema.js';
import { SCOPE, type Facts, type Failure, type RunScope } from './scope.js';
import type { BodyOptions, Joined, StepOptions } from './step-options.js';
import { toTemplateObject, type GivenObject, type Resolved } from './template.js';
import { ask, writeBody, writeStep } from './write-step.js';

type Kind = 'workflow' | 'group';
type Steps = Facts['steps'];
type IdOf<S extends Steps> = keyof S & string;
/** A step sees what it needs, and what that needs. */
type Visible<S extends Steps, Needs extends IdOf<S>> = Needs | S[Needs]['sees'];
/** Named by what it is made of alone: a chain of steps would be nested otherwise, which TypeScript follows a hundred times. */
type Named<Id extends string, Output, Sees extends string> = { readonly [Name in Id]: { readonly output: Output; readonly sees: Sees } };
interface FactsOf<Inputs, Variables, S extends Steps> {
  readonly inputs: Inputs;
  readonly variables: Variables;
  readonly steps: S;
}
type NoneYet = Readonly<Record<never, never>>;

export interface WorkflowOptions<Inputs, Variables extends GivenObject> {
  readonly description?: string;
  readonly inputs?: Schema<Inputs>;
  /** Labels that each run gets, to search by. */
  readonly labels?: (scope: { readonly inputs: Ref<NoInfer<Inputs>> }) => { readonly [name: string]: string | Reference<unknown> };
  /** Values that a run can change. */
  readonly variables?: (scope: { readonly inputs: Ref<NoInfer<Inputs>> }) => Variables;
  /** Longest time for a run, waiting included. */
  readonly timeout?: Duration;
  /** What starts runs by itself. */
  readonly on?: Triggers;
  readonly notify?: readonly NotifyRule[];
}

/**
 * A workflow definition, step by step. Each call answers a new builder; a builder is a workflow that can be registered as it is.
 *
 * @throws TuttiError DEFINITION_INVALID from every call whose options no definition can say
 */
export class WorkflowBuilder<K extends Kind, Inputs, Variables, S extends Steps, Outputs> implements TypedWorkflow<Inputs, Outputs> {
  declare readonly $inputs?: Inputs;
  declare readonly $outputs?: Outputs;

  /** @internal by `workflow()` and `group()` */
  constructor(
    readonly kind: K,
    readonly name: string,
    private readonly members: JsonObject,
  ) {}

  /** The definition, as a YAML file would say it; of a group its steps and outputs. */
  get document(): JsonObject {
    return this.kind === 'workflow' ? { name: this.name, ...this.members } : this.members;
  }

  toYaml(): string {
    return stringify(this.document, { lineWidth: 0, aliasDuplicateObjects: false });
  }

  step<
    const Id extends string,
    const Needs extends IdOf<S> = never,
    Item = never,
    In = unknown,
    Out = unknown,
    Undone = unknown,
    Cases = NoneYet,
    const Catches extends readonly unknown[] = readonly [],
  >(
    id: Id extends IdOf<S> ? never : Id,
    options: StepOptions<FactsOf<Inputs, Variables, S>, Id, Visible<S, Needs>, Needs, Item, In, Out, Undone, Cases, Catches>,
  ): WorkflowBuilder<K, Inputs, Variables, S & Named<Id, Joined<Item, Out>, Visible<S, Needs>>, Outputs> {
    const steps = (this.members['steps'] ?? {}) as JsonObject;
    if (Object.hasOwn(steps, id)) throw new TuttiError('DEFINITION_INVALID', `${this.label} has two steps "${id}"`);
    return this.with({ steps: { ...steps, [id]: writeStep(options, `${this.label}, step "${id}"`) } });
  }

  /** What it answers with. */
  outputs<const Given extends GivenObject>(
    give: (scope: RunScope<FactsOf<Inputs, Variables, S>, IdOf<S>>) => Given,
  ): WorkflowBuilder<K, Inputs, Variables, S, Resolved<Given>> {
    return this.with({
      outputs: toTemplateObject(give(SCOPE as RunScope<FactsOf<Inputs, Variables, S>, IdOf<S>>), `${this.label}, outputs`),
    });
  }

  /** What can be asked of a run while it runs, by name. */
  queries(
    this: WorkflowBuilder<'workflow', Inputs, Variables, S, Outputs>,
    give: (scope: RunScope<FactsOf<Inputs, Variables, S>, IdOf<S>>) => Readonly<Record<string, Reference<unknown>>>,
  ): WorkflowBuilder<'workflow', Inputs, Variables, S, Outputs> {
    return this.with({
      queries: toTemplateObject(give(SCOPE as RunScope<FactsOf<Inputs, Variables, S>, IdOf<S>>), `${this.label}, queries`),
    });
  }

  /** Runs when the run has failed, after compensation. */
  onFailure<In = unknown>(
    this: WorkflowBuilder<'workflow', Inputs, Variables, S, Outputs>,
    body: BodyOptions<RunScope<FactsOf<Inputs, Variables, S>, IdOf<S>> & { readonly error: Ref<Failure> }, In, unknown>,
  ): WorkflowBuilder<'workflow', Inputs, Variables, S, Outputs> {
    return this.with({ onFailure: writeBody(body, `${this.label}, onFailure`) });
  }

  private get label(): string {
    return this.kind === 'workflow' ? `workflow "${this.name}"` : 'group';
  }

  private with<Next extends Steps, Answer>(members: JsonObject): WorkflowBuilder<K, Inputs, Variables, Next, Answer> {
    return new WorkflowBuilder(this.kind, this.name, { ...this.members, ...members });
  }
}

/** @param name lower-case words with hyphens, like `order-review` */
export function workflow<Inputs = unknown, Variables extends GivenObject = NoneYet>(
  name: string,
  options: WorkflowOptions<Inputs, Variables> = {},
): WorkflowBuilder<'workflow', Inputs, Resolved<Variables>, NoneYet, unknown> {
  const { inputs, labels, variables, on, notify, ...plain } = options;
  return new WorkflowBuilder('workflow', name, {
    ...(plain as JsonObject),
    ...(inputs === undefined ? {} : { inputs: toJsonSchema(inputs, `workflow "${name}", inputs`) }),
    ...(labels === undefined ? {} : { labels: toTemplateObject(ask(labels) as object, `workflow "${name}", labels`) }),
    ...(variables === undefined ? {} : { variables: toTemplateObject(ask(variables) as object, `workflow "${name}", variables`) }),
    ...(on === undefined ? {} : { on: on as unknown as JsonObject }),
    ...(notify === undefined ? {} : { notify: notify as unknown as JsonObject[] }),
  });
}

/** Steps that run as one step of a workflow: `steps: group({ inputs }).step(…)`. The schema of its inputs is for the compiler; a definition has none. */
export function group<Inputs = unknown>(
  _options: { readonly inputs?: Schema<Inputs> } = {},
): WorkflowBuilder<'group', Inputs, unknown, NoneYet, unknown> {
  return new WorkflowBuilder('group', '', {});
}
