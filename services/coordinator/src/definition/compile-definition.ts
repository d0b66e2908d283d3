import {
  MAX_DEFINITION_BYTES,
  parseDuration,
  workflowDefinition,
  type GateDefinition,
  type RetryDefinition,
  type StepDefinition,
  type WorkflowDefinition,
} from '@tutti/contracts';
import { assertNever, hashJson, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { Expression } from '../expressions/expression.js';
import { compileTemplate, expressionsOf, type Template, type TemplateProblem } from '../expressions/template.js';
import { compileAdmission } from './compile-admission.js';
import { compileSchema, type CompiledSchema } from './json-schema.js';
import { NO_RETRY, type GatePlan, type OnFail, type Plan, type RetryPolicy, type StepPlan } from './plan.js';
import { ScopeRules } from './scope-rules.js';
import { parseSource, type DefinitionProblem, type ParsedSource } from './source-map.js';
import { orderSteps } from './step-order.js';

export type CompiledDefinition =
  | { readonly plan: Omit<Plan, 'version'>; readonly definition: WorkflowDefinition; readonly document: JsonObject }
  | { readonly problems: readonly DefinitionProblem[] };

type Path = readonly (string | number)[];

/** Checks a definition whole, and makes it ready to run. Every problem is given, each with its line. */
export function compileDefinition(text: string): CompiledDefinition {
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES) {
    return {
      problems: [
        {
          line: 0,
          column: 0,
          path: '',
          message: `definition of ${Buffer.byteLength(text)} bytes; at most ${MAX_DEFINITION_BYTES} are taken`,
        },
      ],
    };
  }
  const source = parseSource(text);
  if (source.problems.length > 0) return { problems: source.problems };
  const parsed = workflowDefinition.safeParse(source.value, { reportInput: false });
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => describeIssue(source, issue)) };
  const compiler = new Compiler(source, parsed.data);
  const plan = compiler.compile(hashJson(source.value as JsonValue));
  if (compiler.problems.length > 0) return { problems: [...compiler.problems].sort((a, b) => a.line - b.line || a.column - b.column) };
  return { plan, definition: parsed.data, document: source.value as JsonObject };
}

function describeIssue(
  source: ParsedSource,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string; readonly code?: string; readonly keys?: readonly string[] },
): DefinitionProblem[] {
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => source.at([...issue.path, key], `unknown member "${key}"`));
  return [source.at(issue.path, issue.message)];
}

class Compiler {
  readonly problems: DefinitionProblem[] = [];
  private readonly needs: ReadonlyMap<string, readonly string[]>;
  private readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly rules: ScopeRules;

  constructor(
    private readonly source: ParsedSource,
    private readonly definition: WorkflowDefinition,
  ) {
    this.needs = new Map(Object.entries(definition.steps).map(([id, step]) => [id, asList(step.needs)]));
    const { ancestors, cycle } = orderSteps(this.needs);
    this.ancestors = ancestors;
    if (cycle.length > 0) this.problem(['steps', cycle[0] ?? '', 'needs'], `steps need each other in a circle: ${cycle.join(' → ')}`);
    this.rules = new ScopeRules(new Set(this.needs.keys()), ancestors, definition.inputs);
  }

  compile(hash: string): Omit<Plan, 'version'> {
    const steps = new Map<string, StepPlan>();
    for (const [id, step] of Object.entries(this.definition.steps)) steps.set(id, this.step(id, step));
    const outputs = this.definition.outputs === undefined ? null : this.template(this.definition.outputs, ['outputs'], 'outputs', null);
    return { name: this.definition.name, hash, inputs: this.schema(this.definition.inputs, ['inputs']), steps, outputs };
  }

  private step(id: string, step: StepDefinition): StepPlan {
    const at: Path = ['steps', id];
    const needs = this.needs.get(id) ?? [];
    needs.forEach((need, index) => {
      const path = Array.isArray(step.needs) ? [...at, 'needs', index] : [...at, 'needs'];
      if (need === id) this.problem(path, `step "${id}" needs itself`);
      else if (!this.needs.has(need))
        this.problem(path, `step "${id}" needs "${need}", which is not a step; steps are ${[...this.needs.keys()].join(', ')}`);
      if (needs.indexOf(need) !== index) this.problem(path, `"${need}" is named twice`);
    });
    const scope = step.forEach === undefined ? 'step' : 'item';
    return {
      id,
      name: step.name ?? id,
      needs,
      dependents: new Set([...this.ancestors].filter(([, all]) => all.has(id)).map(([other]) => other)),
      condition: this.expression(step.if, [...at, 'if'], 'condition', id),
      capability: step.capability,
      agent: step.agent ?? null,
      admission: compileAdmission(step, at, {
        stepName: `${this.definition.name}/${id}`,
        template: (text, path) => this.template(text, path, scope, id),
        expression: (text, path) => this.expression(text, path, scope, id),
        duration: (text, path) => this.duration(text, path),
      }),
      input: this.template(step.with ?? {}, [...at, 'with'], scope, id),
      forEach: this.forEach(step, at, id),
      timeoutMs: this.duration(step.timeout, [...at, 'timeout']),
      heartbeatMs: this.duration(step.heartbeatTimeout, [...at, 'heartbeatTimeout']),
      retry: this.retry(step.retry, [...at, 'retry']),
      output: this.schema(step.output, [...at, 'output']),
      gates: this.gates(step, at, id),
    };
  }

  private forEach(step: StepDefinition, at: Path, id: string): StepPlan['forEach'] {
    if (step.forEach === undefined) return null;
    const items = this.expression(step.forEach.items, [...at, 'forEach', 'items'], 'step', id);
    return items === null ? null : { items, concurrency: step.forEach.concurrency };
  }

  private gates(step: StepDefinition, at: Path, id: string): readonly GatePlan[] {
    const names = new Set<string>();
    return (step.gates ?? []).flatMap((gate, index) => {
      const path = [...at, 'gates', index];
      if (names.has(gate.name)) this.problem([...path, 'name'], `two gates of step "${id}" are named "${gate.name}"`);
      names.add(gate.name);
      return this.gate(gate, path, id) ?? [];
    });
  }

  private gate(gate: GateDefinition, path: Path, step: string): GatePlan | null {
    const base = { name: gate.name, message: gate.message ?? null, onFail: this.onFail(gate.onFail, [...path, 'onFail'], step) };
    switch (gate.type) {
      case 'schema': {
        const schema = this.schema(gate.schema, [...path, 'schema']);
        return schema === null ? null : { ...base, type: 'schema', schema };
      }
      case 'expression': {
        const expression = this.expression(gate.expression, [...path, 'expression'], 'gate', step);
        return expression === null ? null : { ...base, type: 'expression', expression };
      }
      case 'approval':
        return {
          ...base,
          type: 'approval',
          title: this.template(gate.title, [...path, 'title'], 'gate', step),
          payload: this.expression(gate.payload, [...path, 'payload'], 'gate', step),
        };
      default:
        return assertNever(gate, 'gate');
    }
  }

  private onFail(onFail: OnFail, path: Path, step: string): OnFail {
    if (onFail.action !== 'goto' || onFail.step === step || this.ancestors.get(step)?.has(onFail.step) === true) return onFail;
    const found = this.needs.has(onFail.step) ? `step "${step}" does not need it` : 'there is no such step';
    this.problem([...path, 'step'], `cannot go to "${onFail.step}": ${found}; expected "${step}" or a step that it needs`);
    return onFail;
  }

  private expression(
    text: string | undefined,
    path: Path,
    place: Parameters<ScopeRules['check']>[1],
    step: string | null,
  ): Expression | null {
    if (text === undefined) return null;
    const template = this.template(text, path, place, step);
    if (template.kind === 'expression') return template.expression;
    if (template.kind !== 'constant') this.problem(path, 'expected exactly one expression: "${{ … }}"');
    return null;
  }

  private template(value: JsonValue, path: Path, place: Parameters<ScopeRules['check']>[1], step: string | null): Template {
    const found: TemplateProblem[] = [];
    const template = compileTemplate(value, found);
    for (const problem of found) this.problem([...path, ...problem.path], problem.message);
    for (const expression of expressionsOf(template)) {
      for (const message of this.rules.check(expression, place, step)) this.problem(path, `in "${expression.source}": ${message}`);
    }
    return template;
  }

  private schema(schema: JsonObject | undefined, path: Path): CompiledSchema | null {
    if (schema === undefined) return null;
    try {
      return compileSchema(schema);
    } catch (error) {
      this.problem(path, `not a JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  private duration(text: string | undefined, path: Path): number | null {
    if (text === undefined) return null;
    const ms = parseDuration(text);
    if (ms === null || ms < 1) this.problem(path, `duration "${text}"; expected at least 1ms`);
    return ms;
  }

  private retry(retry: RetryDefinition | undefined, path: Path): RetryPolicy {
    if (retry === undefined) return NO_RETRY;
    const initialMs = parseDuration(retry.initialInterval) ?? 0;
    const maxMs = parseDuration(retry.maxInterval) ?? 0;
    if (maxMs < initialMs)
      this.problem([...path, 'maxInterval'], `maxInterval ${retry.maxInterval} is shorter than initialInterval ${retry.initialInterval}`);
    const { maxAttempts, backoff, jitter, journal } = retry;
    return { maxAttempts, initialMs, backoff, maxMs, jitter, journal };
  }

  private problem(path: Path, message: string): void {
    this.problems.push(this.source.at(path, message));
  }
}

function asList(needs: StepDefinition['needs']): readonly string[] {
  if (needs === undefined) return [];
  return typeof needs === 'string' ? [needs] : needs;
}
