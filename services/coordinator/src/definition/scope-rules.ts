import { isJsonObject, type JsonObject } from '@tutti/kernel';
import type { Expression } from '../expressions/expression.js';

/** Where an expression stands decides what it can see. */
export type ScopePlace = keyof typeof VISIBLE;

const ANYWHERE = ['inputs', 'steps', 'run', 'variables', 'labels'];
/** What a step's work sees beside these: what came of the time before, in a step that repeats. */
const WORK = [...ANYWHERE, 'iteration', 'last'];

const VISIBLE = {
  start: ['inputs'],
  condition: ANYWHERE,
  step: WORK,
  item: [...WORK, 'item', 'index'],
  repeat: [...WORK, 'output'],
  gate: [...ANYWHERE, 'output'],
  catch: [...ANYWHERE, 'error'],
  compensate: [...ANYWHERE, 'input', 'output', 'item', 'index', 'error'],
  failure: [...ANYWHERE, 'error'],
  signal: [...WORK, 'item', 'index', 'signal'],
  event: [...WORK, 'item', 'index', 'event'],
  outputs: ANYWHERE,
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Finds expressions that read what cannot be there. Only what is certain is reported: expressions that are not plain paths are checked for steps alone. */
export class ScopeRules {
  constructor(
    private readonly steps: ReadonlySet<string>,
    private readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>,
    private readonly inputs: JsonObject | undefined,
  ) {}

  /** What is wrong with the expression at this place; `step` is the step it belongs to, null for the run's outputs. */
  check(expression: Expression, place: ScopePlace, step: string | null): readonly string[] {
    return [...this.checkSteps(expression, step), ...this.checkPath(expression, place)];
  }

  private checkSteps(expression: Expression, step: string | null): readonly string[] {
    return expression.steps.flatMap((read) => {
      if (!this.steps.has(read)) return [`there is no step "${read}"; steps are ${[...this.steps].join(', ')}`];
      if (step === null || this.ancestors.get(step)?.has(read) === true) return [];
      return [`step "${step}" reads step "${read}" but does not need it; add it to "needs"`];
    });
  }

  private checkPath(expression: Expression, place: ScopePlace): readonly string[] {
    if (expression.path === null) return [];
    const [root = '', second, third] = expression.path;
    const visible: readonly string[] = VISIBLE[place];
    if (!visible.includes(root)) return [`nothing is called "${root}" here; expected one of ${visible.join(', ')}`];
    if (root === 'steps' && third !== undefined && !['output', 'status', 'approvals'].includes(third)) {
      return [`a step has no "${third}"; expected output, status or approvals`];
    }
    if (root === 'inputs' && second !== undefined && !this.mayHaveInput(second)) return [`the inputs have no "${second}"`];
    return [];
  }

  private mayHaveInput(name: string): boolean {
    if (this.inputs === undefined || this.inputs['additionalProperties'] !== false) return true;
    const properties = this.inputs['properties'];
    return isJsonObject(properties) && Object.hasOwn(properties, name);
  }
}
