import type { BodyDefinition, GateDefinition, StepDefinition, WorkflowDefinition } from '@tutti/contracts';
import { MAX_PRIORITY, MIN_PRIORITY } from '@tutti/contracts';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import { bounded } from './bounded.js';
import { isAlwaysFalse } from './expression-type.js';
import { factsOf } from './condition-facts.js';
import { unreachableCases, unreachableSteps, type ReachableStep } from './reachability.js';
import { cannotMatch, isEmpty } from './schema-empty.js';
import { ANY, typeOfSchema, typeOfValue, type SchemaType } from './schema-type.js';
import { describeType } from './schema-words.js';
import { expressionOf, groupInputs, inputsType, StepTypes } from './step-types.js';
import { TypeReport, type Path, type TypeProblem } from './type-report.js';
import type { TypeScope } from './type-scope.js';

export interface TypeSurroundings {
  /** 1-based line of a place in the definition's text; 0 when it has none. */
  readonly lineOf: (path: Path) => number;
  /** Schema of another workflow's inputs; undefined when it is not known, or says nothing of them. */
  readonly inputsOf?: (workflow: string, version: number | undefined) => JsonObject | undefined;
}

/** Parts of schemas looked at for one definition; what would need more goes unsaid. */
const MAX_PARTS = 500_000;
const LIST = typeOfSchema({ type: 'array' });
const TRUTH: SchemaType = typeOfValue(true);
const FALSE: SchemaType = typeOfValue(false);
const PRIORITY = typeOfSchema({ type: 'integer', minimum: MIN_PRIORITY, maximum: MAX_PRIORITY });
const NUMBER = typeOfSchema({ type: 'number' });

/**
 * Finds what in a definition can certainly never work, by the schemas that it gives: values that never fit where they are used, members that are never
 * there, steps that never run. What is only possible is not said: schemas that leave something open, and expressions that are more than paths, literals
 * and operators, are taken to be right.
 */
export function checkTypes(definition: WorkflowDefinition, surroundings: TypeSurroundings): readonly TypeProblem[] {
  const checker = new TypeChecker(surroundings);
  bounded(MAX_PARTS, undefined, () => checker.workflow(definition));
  return checker.report.problems;
}

class TypeChecker {
  readonly report: TypeReport;

  constructor(private readonly surroundings: TypeSurroundings) {
    this.report = new TypeReport(surroundings.lineOf);
  }

  workflow({ inputs, labels, variables, queries, steps, onFailure, outputs }: WorkflowDefinition): void {
    const type = inputsType(inputs);
    if (isEmpty(type)) this.report.add(['inputs'], 'no inputs can match this schema');
    const top = this.graph(steps, type, ['steps']);
    this.report.reads(labels, ['labels'], { inputs: type, outputOf: () => ANY });
    this.report.reads(variables, ['variables'], { inputs: type, outputOf: () => ANY });
    this.report.reads(queries, ['queries'], top.scope);
    this.report.reads(outputs, ['outputs'], top.scope);
    if (onFailure !== undefined) this.body(onFailure, 'onFailure', ['onFailure'], { ...top.scope, isExtended: true });
  }

  private graph(steps: Readonly<Record<string, StepDefinition>>, inputs: SchemaType, at: Path): StepTypes {
    const types = new StepTypes(steps, inputs);
    const reachable = new Map<string, ReachableStep>();
    for (const [id, step] of Object.entries(steps)) reachable.set(id, this.step(id, step, [...at, id], types));
    for (const [id, why] of unreachableSteps(reachable)) {
      const path = [...at, id];
      this.report.add(reachable.get(id)?.isNeverTrue === true ? [...path, 'if'] : path, `step "${id}" can never run: ${why}`);
    }
    return types;
  }

  private step(id: string, step: StepDefinition, at: Path, types: StepTypes): ReachableStep {
    const { report } = this;
    const who = `step ${id}`;
    const needs = step.needs === undefined ? [] : typeof step.needs === 'string' ? [step.needs] : step.needs;
    const condition = expressionOf(step.if);
    // Without needs there is nothing that could have failed.
    const outcome = { always: TRUTH, ...(needs.length === 0 ? { success: TRUTH, failure: FALSE } : {}) };
    const conditionType = report.expression(step.if, [...at, 'if'], { ...types.scope, outcome });
    if (step.forEach !== undefined) report.expects(step.forEach.items, LIST, `forEach of ${who}`, [...at, 'forEach', 'items'], types.scope);
    const scope = types.bodyScope(step);
    this.body(step, who, at, scope);
    this.switch(step, who, at, scope);
    if (step.repeat !== undefined) report.reads(step.repeat.until, [...at, 'repeat', 'until'], scope);
    const later = { ...scope, isExtended: true };
    step.catch?.forEach((handler, index) => this.body(handler, `the catch of ${who}`, [...at, 'catch', index], later));
    if (step.compensate !== undefined) this.body(step.compensate, `the compensation of ${who}`, [...at, 'compensate'], later);
    const own = types.ownOutput(step);
    const never = step.output !== undefined && isEmpty(typeOfSchema(step.output)) ? 'no output can match its schema' : null;
    if (never !== null) report.add([...at, 'output'], `no output of ${who} can match this schema`);
    (step.gates ?? []).forEach((gate, index) => this.gate(gate, who, own, [...at, 'gates', index], types.scope));
    return {
      needs,
      asksOutcome: condition?.asksOutcome === true,
      isNeverTrue: condition !== null && isAlwaysFalse(conditionType),
      neverSucceeds: step.catch === undefined ? never : null,
      facts: factsOf(condition),
    };
  }

  private body(body: BodyDefinition, who: string, at: Path, scope: TypeScope): void {
    const { report } = this;
    report.reads(body.with, [...at, 'with'], scope);
    report.reads(body.set, [...at, 'set'], scope);
    report.reads(body.sleep, [...at, 'sleep'], scope);
    report.reads(typeof body.routing === 'object' ? body.routing.key : undefined, [...at, 'routing', 'key'], scope);
    report.reads(body.concurrency?.key, [...at, 'concurrency', 'key'], scope);
    report.reads(body.rateLimit?.key, [...at, 'rateLimit', 'key'], scope);
    report.reads(body.wait?.where, [...at, 'wait', 'where'], scope);
    if (typeof body.priority === 'string') report.expects(body.priority, PRIORITY, `priority of ${who}`, [...at, 'priority'], scope);
    if (typeof body.plan === 'string') report.reads(body.plan, [...at, 'plan'], scope);
    else if (body.plan !== undefined) report.reads(body.plan.from, [...at, 'plan', 'from'], scope);
    this.input(body, who, at, scope);
    if (body.steps === undefined) return;
    const inner = this.graph(body.steps, groupInputs(body, scope), [...at, 'steps']);
    report.reads(body.outputs, [...at, 'outputs'], inner.scope);
  }

  /** What the step itself says of its input, or the workflow that it runs. */
  private input(body: BodyDefinition, who: string, at: Path, scope: TypeScope): void {
    const { input, workflow } = body;
    const given: JsonValue = body.with ?? {};
    if (input !== undefined) this.report.input(given, typeOfSchema(input), `${who}${this.line([...at, 'input'])}`, [...at, 'with'], scope);
    if (workflow === undefined) return;
    const { name, version } = typeof workflow === 'string' ? { name: workflow, version: undefined } : workflow;
    const inputs = this.surroundings.inputsOf?.(name, version);
    if (inputs !== undefined) this.report.input(given, inputsType(inputs), `workflow ${name}`, [...at, 'with'], scope);
  }

  private switch(step: StepDefinition, who: string, at: Path, scope: TypeScope): void {
    if (step.switch === undefined) return;
    const switched = this.report.expression(step.switch, [...at, 'switch'], scope);
    for (const name of unreachableCases(Object.keys(step.cases ?? {}), switched)) {
      const source = expressionOf(step.switch)?.source ?? '';
      this.report.add([...at, 'cases', name], `case "${name}" of ${who} can never be taken: ${source} is ${describeType(switched)}`);
    }
    for (const [name, body] of Object.entries(step.cases ?? {})) this.body(body, `case "${name}" of ${who}`, [...at, 'cases', name], scope);
    if (step.default !== undefined) this.body(step.default, `the default of ${who}`, [...at, 'default'], scope);
  }

  private gate(gate: GateDefinition, who: string, output: SchemaType, at: Path, around: TypeScope): void {
    const { report } = this;
    const scope: TypeScope = { ...around, output };
    switch (gate.type) {
      case 'schema':
        if (!isEmpty(output) && cannotMatch(output, typeOfSchema(gate.schema)))
          report.add([...at, 'schema'], `gate "${gate.name}" of ${who} can never pass: no output of the step matches its schema`);
        return;
      case 'expression':
        if (isAlwaysFalse(report.expression(gate.expression, [...at, 'expression'], scope)))
          report.add([...at, 'expression'], `gate "${gate.name}" of ${who} can never pass: its expression can never be true`);
        return;
      case 'metric':
        report.expects(gate.value, NUMBER, `gate "${gate.name}" of ${who}`, [...at, 'value'], scope);
        return;
      case 'approval':
        report.reads(gate.title, [...at, 'title'], scope);
        report.reads(gate.payload, [...at, 'payload'], scope);
        return;
      case 'command':
        report.reads(gate.run, [...at, 'run'], scope);
        report.reads(gate.with, [...at, 'with'], scope);
        return;
      case 'agent':
        report.reads(gate.with, [...at, 'with'], scope);
        return;
      case 'plan':
        report.reads(gate.plan, [...at, 'plan'], scope);
    }
  }

  private line(path: Path): string {
    const line = this.surroundings.lineOf(path);
    return line === 0 ? '' : ` (line ${line})`;
  }
}
