import type { JsonValue } from '@tutti/kernel';
import { basicTypesOf } from './basic-types.js';
import { listedValues } from './schema-empty.js';
import { rejects } from './schema-rejects.js';
import { flatten, type SchemaType } from './schema-type.js';

export interface ReachableStep {
  readonly needs: readonly string[];
  /** Its condition asks how its needs ended, and so decides alone. */
  readonly asksOutcome: boolean;
  /** The condition can never be true. */
  readonly isNeverTrue: boolean;
  /** It runs, but cannot end well; why, or null. */
  readonly neverSucceeds: string | null;
  /** Path → the one value that it must have for the condition to be true. */
  readonly facts: ReadonlyMap<string, JsonValue>;
}

/** Steps that can never run, each with why. Steps come before those that need them, as far as they can. */
export function unreachableSteps(steps: ReadonlyMap<string, ReachableStep>): ReadonlyMap<string, string> {
  const search = new Reachability(steps);
  for (const id of steps.keys()) search.visit(id);
  return search.unreachable;
}

/** Cases of a switch that no value of what is switched over can choose. */
export function unreachableCases(cases: readonly string[], switched: SchemaType): readonly string[] {
  const flat = flatten(switched);
  const values = possibleValues(switched);
  if (values !== null) {
    const texts = new Set(values.map(asText));
    return cases.filter((name) => !texts.has(name));
  }
  const { types, isInteger } = basicTypesOf(flat);
  if (types.size !== 1) return [];
  if (types.has('number')) return cases.filter((name) => !isNumberText(name, switched, isInteger));
  return types.has('string') ? cases.filter((name) => rejects(switched, name)) : [];
}

/** Null when there are too many to list. */
function possibleValues(type: SchemaType): readonly JsonValue[] | null {
  const flat = flatten(type);
  const { types } = basicTypesOf(flat);
  const listed = listedValues(flat) ?? (types.size === 1 && types.has('boolean') ? [true, false] : null);
  return listed === null ? null : listed.filter((value) => !rejects(type, value));
}

/** As a switch takes it: see the filling in of templates. */
function asText(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNumberText(name: string, type: SchemaType, isInteger: boolean): boolean {
  const value = Number(name);
  return Number.isFinite(value) && String(value) === name && (!isInteger || Number.isInteger(value)) && !rejects(type, value);
}

class Reachability {
  readonly unreachable = new Map<string, string>();
  private readonly visited = new Set<string>();
  private readonly facts = new Map<string, ReadonlyMap<string, { readonly value: JsonValue; readonly by: string }>>();

  constructor(private readonly steps: ReadonlyMap<string, ReachableStep>) {}

  visit(id: string): void {
    const step = this.steps.get(id);
    if (step === undefined || this.visited.has(id)) return;
    this.visited.add(id);
    step.needs.forEach((need) => this.visit(need));
    const why = this.whyNever(id, step);
    if (why !== null) this.unreachable.set(id, why);
  }

  private whyNever(id: string, step: ReachableStep): string | null {
    if (step.isNeverTrue) return 'its condition can never be true';
    for (const need of step.asksOutcome ? [] : step.needs) {
      if (this.unreachable.has(need)) return `it needs "${need}", which can never run`;
      const why = this.steps.get(need)?.neverSucceeds ?? null;
      if (why !== null) return `it needs "${need}", which can never succeed: ${why}`;
    }
    return this.gatherFacts(id, step);
  }

  /** What must hold for the step to run, from its own condition and those of what must succeed before. Returns what contradicts itself. */
  private gatherFacts(id: string, step: ReachableStep): string | null {
    const facts = new Map<string, { readonly value: JsonValue; readonly by: string }>();
    this.facts.set(id, facts);
    const inherited = step.asksOutcome ? [] : step.needs.flatMap((need) => [...(this.facts.get(need) ?? [])]);
    const own = [...step.facts].map(([path, value]) => [path, { value, by: id }] as const);
    for (const [path, fact] of [...inherited, ...own]) {
      const other = facts.get(path);
      if (other === undefined) facts.set(path, fact);
      else if (JSON.stringify(other.value) !== JSON.stringify(fact.value))
        return `${path} would have to be ${JSON.stringify(other.value)} for "${other.by}" and ${JSON.stringify(fact.value)} for "${fact.by}"`;
    }
    return null;
  }
}
