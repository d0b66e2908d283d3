import type { BodyDefinition, StepDefinition } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import type { Expression } from '../../expressions/expression.js';
import { compileTemplate, expressionsOf, type Template } from '../../expressions/template.js';
import { typeOfExpression } from './expression-type.js';
import { ANY, flatten, typeOfSchema, type SchemaType } from './schema-type.js';
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
    const isCaughtElsewhere = step?.catch?.some(({ capability }) => capability === undefined) === true;
    const type = step === undefined || isCaughtElsewhere ? ANY : this.ownOutput(step);
    this.outputs.set(id, type);
    return type;
  }

  /** What the step's own work gives, before anything is caught: of a fan-out the list. */
  ownOutput(step: StepDefinition): SchemaType {
    const one = outputOfOne(step);
    return step.forEach === undefined ? one : [{ kind: 'list', item: one }];
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

/** Outputs are held against the step's schema where agents give them. */
function outputOfOne(step: StepDefinition): SchemaType {
  const bodies =
    step.switch === undefined ? [step] : [...Object.values(step.cases ?? {}), ...(step.default === undefined ? [] : [step.default])];
  if (bodies.every(({ capability }) => capability !== undefined)) return typeOfSchema(step.output);
  if (step.wait !== undefined && 'signal' in step.wait) return typeOfSchema(step.wait.schema);
  return ANY;
}
