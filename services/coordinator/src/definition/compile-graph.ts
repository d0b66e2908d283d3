import type { BodyDefinition, StepDefinition, WorkflowDefinition } from '@tutti/contracts';
import { compileBody } from './compile-body.js';
import { compileGate, innerStep } from './compile-gate.js';
import { CompileTools, type Path, type Standing } from './compile-tools.js';
import type { BodyPlan, CatchPlan, GatePlan, PlanOfDefinition, RetryPolicy, StepPlan } from './plan.js';
import { ScopeRules } from './scope-rules.js';
import type { DefinitionProblem, ParsedSource } from './source-map.js';
import { orderSteps } from './step-order.js';

/** Steps that need one another, with what stands beside them: a workflow, or a group inside one. */
type GraphDefinition = Pick<WorkflowDefinition, 'name' | 'steps'> &
  Partial<Pick<WorkflowDefinition, 'inputs' | 'labels' | 'variables' | 'queries' | 'timeout' | 'onFailure' | 'outputs'>>;

/** Compensation is tried for long: what stays undone, a person has to undo. */
const COMPENSATION_RETRY: RetryPolicy = { maxAttempts: 10, initialMs: 1_000, backoff: 2, maxMs: 60_000, jitter: 0.2, journal: 'keep' };
const MAX_GROUP_DEPTH = 10;

/** @param problems is added to */
export function compileGraph(
  definition: GraphDefinition,
  hash: string,
  source: ParsedSource,
  problems: DefinitionProblem[],
): PlanOfDefinition {
  return new GraphCompiler({ definition, hash, source, problems, at: [], block: '', blocks: new Map() }).compile();
}

interface GraphParts {
  readonly definition: GraphDefinition;
  readonly hash: string;
  readonly source: ParsedSource;
  readonly problems: DefinitionProblem[];
  /** Where it stands in the source. */
  readonly at: Path;
  /** Its name among the blocks; empty for the workflow itself. */
  readonly block: string;
  /** Of the whole definition. */
  readonly blocks: Map<string, PlanOfDefinition>;
}

class GraphCompiler {
  private readonly needs: ReadonlyMap<string, readonly string[]>;
  private readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly tools: CompileTools;
  private readonly inner = new Map<string, StepPlan>();

  constructor(private readonly parts: GraphParts) {
    const { definition, source, problems, at } = parts;
    this.needs = new Map(Object.entries(definition.steps).map(([id, step]) => [id, asList(step.needs)]));
    const { ancestors, cycle } = orderSteps(this.needs);
    this.ancestors = ancestors;
    this.tools = new CompileTools(source, new ScopeRules(new Set(this.needs.keys()), ancestors, definition.inputs), problems);
    if (cycle.length > 0)
      this.tools.problem([...at, 'steps', cycle[0] ?? '', 'needs'], `steps need each other in a circle: ${cycle.join(' → ')}`);
  }

  compile(): PlanOfDefinition {
    const { parts, tools } = this;
    const { definition, at, hash, blocks } = parts;
    const steps = new Map<string, StepPlan>();
    for (const [id, step] of Object.entries(definition.steps)) steps.set(id, this.step(id, step));
    const atStart = { place: 'start', step: null } as const;
    const queries = Object.entries(definition.queries ?? {}).flatMap(([name, text]) => {
      const expression = tools.expression(text, [...at, 'queries', name], { place: 'outputs', step: null });
      return expression === null ? [] : [[name, expression] as const];
    });
    return {
      name: definition.name,
      hash,
      inputs: tools.schema(definition.inputs, [...at, 'inputs']),
      steps,
      inner: this.inner,
      blocks,
      variables: definition.variables === undefined ? null : tools.template(definition.variables, [...at, 'variables'], atStart),
      labels: definition.labels === undefined ? null : tools.template(definition.labels, [...at, 'labels'], atStart),
      queries: new Map(queries),
      timeoutMs: tools.duration(definition.timeout, [...at, 'timeout']),
      onFailure: this.onFailure(),
      outputs:
        definition.outputs === undefined ? null : tools.template(definition.outputs, [...at, 'outputs'], { place: 'outputs', step: null }),
    };
  }

  private step(id: string, step: StepDefinition): StepPlan {
    const at: Path = [...this.parts.at, 'steps', id];
    const needs = this.needs.get(id) ?? [];
    this.checkNeeds(id, step, needs, at);
    const place = step.forEach === undefined ? 'step' : 'item';
    return {
      id,
      name: step.name ?? id,
      needs,
      dependents: new Set([...this.ancestors].filter(([, all]) => all.has(id)).map(([other]) => other)),
      condition: this.tools.expression(step.if, [...at, 'if'], { place: 'condition', step: id }),
      forEach: this.forEach(step, at, id),
      body: this.body(step, at, id, { place, step: id }),
      repeat: this.repeat(step, at, id),
      output: this.tools.schema(step.output, [...at, 'output']),
      gates: this.gates(step, at, id),
      catches: this.catches(step, at, id),
      compensation: this.compensation(step, at, id),
    };
  }

  private checkNeeds(id: string, step: StepDefinition, needs: readonly string[], at: Path): void {
    needs.forEach((need, index) => {
      const path = Array.isArray(step.needs) ? [...at, 'needs', index] : [...at, 'needs'];
      if (need === id) this.tools.problem(path, `step "${id}" needs itself`);
      else if (!this.needs.has(need))
        this.tools.problem(path, `step "${id}" needs "${need}", which is not a step; steps are ${[...this.needs.keys()].join(', ')}`);
      if (needs.indexOf(need) !== index) this.tools.problem(path, `"${need}" is named twice`);
    });
  }

  private body(step: StepDefinition, at: Path, id: string, standing: Standing): BodyPlan {
    const { tools } = this;
    if (step.switch === undefined) {
      for (const member of ['cases', 'default'] as const)
        if (step[member] !== undefined) tools.problem([...at, member], `"${member}" goes with switch only`);
      return compileBody(step, { path: at, owner: id, standing }, this.bodyContext());
    }
    const on = tools.expression(step.switch, [...at, 'switch'], standing);
    const cases = Object.entries(step.cases ?? {}).map(([name, body]) => {
      const path = [...at, 'cases', name];
      return [name, compileBody(body, { path, owner: `${id}.case.${asPart(name)}`, standing }, this.bodyContext())] as const;
    });
    if (cases.length === 0) tools.problem([...at, 'switch'], `switch of step "${id}" has no cases`);
    const otherwise =
      step.default === undefined
        ? null
        : compileBody(step.default, { path: [...at, 'default'], owner: `${id}.default`, standing }, this.bodyContext());
    // Without its expression it is a problem already, and never runs.
    return on === null ? NO_SWITCH : { kind: 'switch', on, cases: new Map(cases), otherwise };
  }

  private forEach(step: StepDefinition, at: Path, id: string): StepPlan['forEach'] {
    if (step.forEach === undefined) return null;
    for (const body of [step, ...Object.values(step.cases ?? {}), ...(step.default === undefined ? [] : [step.default])])
      if (body.set !== undefined) this.tools.problem([...at, 'forEach'], `step "${id}" sets variables; that is done once, not for a list`);
    const items = this.tools.expression(step.forEach.items, [...at, 'forEach', 'items'], { place: 'step', step: id });
    return items === null ? null : { items, concurrency: step.forEach.concurrency };
  }

  private repeat(step: StepDefinition, at: Path, id: string): StepPlan['repeat'] {
    if (step.repeat === undefined) return null;
    const until = this.tools.expression(step.repeat.until, [...at, 'repeat', 'until'], { place: 'repeat', step: id });
    if (until === null) return null;
    return { until, maxTimes: step.repeat.maxTimes, delayMs: this.tools.duration(step.repeat.delay, [...at, 'repeat', 'delay']) ?? 0 };
  }

  private gates(step: StepDefinition, at: Path, id: string): readonly GatePlan[] {
    const names = new Set<string>();
    return (step.gates ?? []).flatMap((gate, index) => {
      const path = [...at, 'gates', index];
      if (names.has(gate.name)) this.tools.problem([...path, 'name'], `two gates of step "${id}" are named "${gate.name}"`);
      names.add(gate.name);
      const refuseGoto = (from: string, target: string): string | null => this.refuseGoto(from, target);
      return compileGate(gate, path, id, { tools: this.tools, refuseGoto, addInner: (inner) => this.inner.set(inner.id, inner) }) ?? [];
    });
  }

  private refuseGoto(step: string, target: string): string | null {
    if (target === step || this.ancestors.get(step)?.has(target) === true) return null;
    const found = this.needs.has(target) ? `step "${step}" does not need it` : 'there is no such step';
    return `cannot go to "${target}": ${found}; expected "${step}" or a step that it needs`;
  }

  private catches(step: StepDefinition, at: Path, id: string): readonly CatchPlan[] {
    return (step.catch ?? []).map(({ codes, ...body }, index) => {
      const path = [...at, 'catch', index];
      const standing = { place: 'catch', step: id } as const;
      return { codes: codes ?? null, body: compileBody(body, { path, owner: `${id}.catch${index}`, standing }, this.bodyContext()) };
    });
  }

  private compensation(step: StepDefinition, at: Path, id: string): string | null {
    if (step.compensate === undefined) return null;
    const inner = `undo:${id}`;
    const place = {
      path: [...at, 'compensate'],
      owner: inner,
      standing: { place: 'compensate', step: null },
      retry: COMPENSATION_RETRY,
    } as const;
    this.inner.set(inner, innerStep(inner, compileBody(step.compensate, place, this.bodyContext())));
    return inner;
  }

  private onFailure(): string | null {
    const { onFailure } = this.parts.definition;
    if (onFailure === undefined) return null;
    const id = 'on-failure:';
    const place = { path: [...this.parts.at, 'onFailure'], owner: id, standing: { place: 'failure', step: null } } as const;
    this.inner.set(id, innerStep(id, compileBody(onFailure, place, this.bodyContext())));
    return id;
  }

  private bodyContext() {
    return {
      tools: this.tools,
      workflow: this.parts.definition.name,
      group: (body: BodyDefinition, path: Path, owner: string) => this.group(body, path, owner),
    };
  }

  /** A group is a plan of its own, kept under a name that says where it stands. */
  private group(body: BodyDefinition, path: Path, owner: string): string {
    const { parts } = this;
    const block = parts.block === '' ? owner : `${parts.block}/${owner}`;
    const { steps = {}, outputs } = body;
    if (Object.keys(steps).length === 0) this.tools.problem([...path, 'steps'], 'expected at least one step');
    if (block.split('/').length > MAX_GROUP_DEPTH) {
      this.tools.problem([...path, 'steps'], `groups in groups, ${MAX_GROUP_DEPTH + 1} deep; at most ${MAX_GROUP_DEPTH} are taken`);
      return block;
    }
    const definition = { name: parts.definition.name, steps, ...(outputs === undefined ? {} : { outputs }) };
    parts.blocks.set(block, new GraphCompiler({ ...parts, definition, at: path, block }).compile());
    return block;
  }
}

const NO_SWITCH: BodyPlan = {
  kind: 'set',
  input: { kind: 'constant', value: {} },
  timeoutMs: null,
  retry: { maxAttempts: 1, initialMs: 0, backoff: 1, maxMs: 0, jitter: 0, journal: 'keep' },
};

/** Of a block's name, whose parts are told apart by slashes. */
function asPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function asList(needs: StepDefinition['needs']): readonly string[] {
  if (needs === undefined) return [];
  return typeof needs === 'string' ? [needs] : needs;
}
