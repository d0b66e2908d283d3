import type { BodyDefinition, StepDefinition } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import type { Expression } from '../../expressions/expression.js';
import { compileTemplate, expressionsOf, type Template } from '../../expressions/template.js';
import { typeOfExpression } from './expression-type.js';
import { ANY, flatten, typeOfSchema, unionOf, type SchemaType } from './schema-type.js';
import { anyItemType } from './schema-members.js';
import { basicTypesOf } from './basic-types.js';
import { typeOfTemplate } from './template-type.js';
import type { TypeScope } from './type-scope.js';

const OBJECT = typeOfSchema({ type: 'object' });

/** Steps that can name each other, with what their schemas say. */
export class StepTypes {
  private readonly outputs = new Map<string, SchemaType>();
  readonly scope: TypeScope;

  constructor(
    readonly steps: Readonly<Record<string, StepDefinition>>,
    readonly inputs: SchemaType,
  ) {
    this.scope = { inputs, outputOf: (id) => this.outputOf(id) };
  }

  /** What `steps.<id>.output` is, where it is. */
  outputOf(id: string): SchemaType {
    const known = this.outputs.get(id);
    if (known !== undefined) return known;
    // A circle of needs is a problem of its own.
    this.outputs.set(id, ANY);
    const step = Object.hasOwn(this.steps, id) ? this.steps[id] : undefined;
    const type = step === undefined ? ANY : this.outputWithCatches(step);
    this.outputs.set(id, type);
    return type;
  }

  /** What the step's own work gives, before anything is caught: of a fan-out the list. */
  ownOutput(step: StepDefinition): SchemaType {
    const scope = this.bodyScope(step);
    const bodies = bodiesOf(step);
    const said = bodies.every(isHeldAgainstSchema) ? typeOfSchema(step.output) : ANY;
    const one = [...said, ...unionOf(bodies.map((body) => outputOfBody(body, scope)))];
    return step.forEach === undefined ? one : [{ kind: 'list', item: one }];
  }

  /** A handler's output is the step's, and held against its schema, too; of a fan-out it stands for the whole list. */
  private outputWithCatches(step: StepDefinition): SchemaType {
    if (step.catch === undefined || step.catch.length === 0) return this.ownOutput(step);
    if (!step.catch.every(isHeldAgainstSchema) || !bodiesOf(step).every(isHeldAgainstSchema)) return ANY;
    const said = typeOfSchema(step.output);
    return step.forEach === undefined ? said : unionOf([said, this.ownOutput(step)]);
  }

  /** What `item` is in the step's fan-out; null for a step without. */
  itemOf({ forEach }: StepDefinition): SchemaType | null {
    const items = forEach === undefined ? null : expressionOf(forEach.items);
    if (items === null) return forEach === undefined ? null : ANY;
    const flat = flatten(typeOfExpression(items, this.scope).type);
    const isPlainList = flat.unions.length === 0 && basicTypesOf(flat).types.has('array');
    return isPlainList ? anyItemType(flat) : ANY;
  }

  /** What the body of the step can read. */
  bodyScope(step: StepDefinition): TypeScope {
    const item = this.itemOf(step);
    const scope = step.repeat === undefined ? this.scope : { ...this.scope, isExtended: true };
    return item === null ? scope : { ...scope, item, isExtended: true };
  }
}

/** A schema of inputs describes an object, whatever else it says. */
export function inputsType(schema: JsonObject | undefined): SchemaType {
  return [...OBJECT, ...typeOfSchema(schema)];
}

/** What `inputs` are inside of a group of steps. */
export function groupInputs(body: BodyDefinition, around: TypeScope): SchemaType {
  if (body.with === undefined) return around.isExtended === true ? ANY : around.inputs;
  return typeOfTemplate(templateOf(body.with), (expression) => typeOfExpression(expression, around).type);
}

/** The template of a value that compiles; what does not is a problem of its own. */
export function templateOf(value: Parameters<typeof compileTemplate>[0]): Template {
  return compileTemplate(value, []);
}

export function expressionOf(text: string | undefined): Expression | null {
  return text === undefined ? null : (expressionsOf(templateOf(text))[0] ?? null);
}

/** Outputs are held against the step's schema where agents and other runs give them. */
function isHeldAgainstSchema({ capability, steps, plan, workflow }: BodyDefinition): boolean {
  const isAwaitedWorkflow = workflow !== undefined && (typeof workflow === 'string' || !workflow.detach);
  return capability !== undefined || steps !== undefined || plan !== undefined || isAwaitedWorkflow;
}

function bodiesOf(step: StepDefinition): readonly BodyDefinition[] {
  if (step.switch === undefined) return [step];
  return [...Object.values(step.cases ?? {}), ...(step.default === undefined ? [] : [step.default])];
}

/** What the body gives by its own words. */
function outputOfBody(body: BodyDefinition, scope: TypeScope): SchemaType {
  if (body.set !== undefined) return typeOfValues(body.set, scope);
  if (body.wait !== undefined && 'signal' in body.wait) return typeOfSchema(body.wait.schema);
  if (body.steps === undefined) return ANY;
  const inner = new StepTypes(body.steps, groupInputs(body, scope));
  return typeOfValues(body.outputs ?? {}, inner.scope);
}

function typeOfValues(values: JsonObject, scope: TypeScope): SchemaType {
  const template: Template = templateOf(values);
  return typeOfTemplate(template, (expression) => typeOfExpression(expression, scope).type);
}
