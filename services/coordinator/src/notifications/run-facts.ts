import { notify, type NotifyOn } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { isJsonObject, type JsonObject, type JsonValue } from '@tutti/kernel';
import { z } from 'zod';

type DefinitionRule = z.infer<typeof notify>[number];

/** What decides who is told of a run. */
export interface RunFacts {
  readonly workflow: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly definition: DefinitionFacts;
}

interface DefinitionFacts {
  readonly rules: readonly DefinitionRule[];
  /** Whom the gate of a step names: channels and addresses. */
  named(step: string, gate: string): readonly string[];
}

const MAX_RUNS = 1_000;
const MAX_DEFINITIONS = 200;

const started = z.object({ workflow: z.string(), workflowVersion: z.number(), labels: z.record(z.string(), z.string()).default({}) });

/** Facts of runs from the store, as they were at the run's start; those of late stay in memory. */
export class RunFactsReader {
  private readonly runs = new Map<string, RunFacts>();
  private readonly definitions = new Map<string, DefinitionFacts>();

  constructor(private readonly store: Pick<EventStore, 'readStream'>) {}

  /** Null for a run without a readable beginning. @throws TuttiError what the store says */
  async of(runStream: string): Promise<RunFacts | null> {
    const known = this.runs.get(runStream);
    if (known !== undefined) return known;
    for await (const { type, data } of this.store.readStream(runStream, { limit: 1 })) {
      const parsed = started.safeParse(data);
      if (type !== 'RunStarted' || !parsed.success) return null;
      const { workflow, workflowVersion, labels } = parsed.data;
      const facts = { workflow, labels, definition: await this.definition(workflow, workflowVersion) };
      return remember(this.runs, runStream, facts, MAX_RUNS);
    }
    return null;
  }

  /** What was asked for, of an approval that a later event is about; empty where it is not found. @throws TuttiError what the store says */
  async approval(runStream: string, approvalId: string): Promise<JsonObject> {
    for await (const { type, data } of this.store.readStream(runStream, { direction: 'backwards' }))
      if (type === 'ApprovalRequested' && data['approvalId'] === approvalId) return data;
    return {};
  }

  private async definition(workflow: string, version: number): Promise<DefinitionFacts> {
    const key = `${workflow}@${version}`;
    const known = this.definitions.get(key);
    if (known !== undefined) return known;
    for await (const { type, data } of this.store.readStream(`workflow-${workflow}`))
      if (type === 'WorkflowVersionRegistered' && data['version'] === version && isJsonObject(data['definition']))
        return remember(this.definitions, key, definitionFacts(data['definition']), MAX_DEFINITIONS);
    return NO_DEFINITION;
  }
}

const NO_DEFINITION: DefinitionFacts = { rules: [], named: () => [] };

/** Of a definition as it was registered. What an older Tutti did not check, and what is not there, names nobody. */
function definitionFacts(definition: JsonObject): DefinitionFacts {
  const rules = notify.safeParse(definition['notify']);
  return {
    rules: rules.success ? rules.data : [],
    named: (step, gate) =>
      gatesOf(definition, step).flatMap((one) => (one['name'] === gate ? [...texts(one['notify']), ...texts(one['approvers'])] : [])),
  };
}

/** Steps may stand inside others; ids are unique within a definition. */
function gatesOf(node: JsonValue | undefined, step: string): readonly JsonObject[] {
  if (Array.isArray(node)) return node.flatMap((inner) => gatesOf(inner as JsonValue, step));
  if (!isJsonObject(node)) return [];
  const { steps } = node;
  const found = isJsonObject(steps) && Object.hasOwn(steps, step) ? steps[step] : undefined;
  const gates = isJsonObject(found) && Array.isArray(found['gates']) ? found['gates'].filter(isJsonObject) : [];
  return gates.length > 0 ? gates : Object.values(node).flatMap((inner) => gatesOf(inner, step));
}

/** One text, a list of texts, or an object with such lists, in whatever form a gate names people. */
export function texts(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((one) => texts(one as JsonValue));
  return isJsonObject(value) ? Object.values(value).flatMap((one) => texts(one)) : [];
}

/** The rule asks for what happened. */
export function asksFor(rule: { readonly on: readonly NotifyOn[] }, on: NotifyOn): boolean {
  return rule.on.includes(on);
}

function remember<Value>(cache: Map<string, Value>, key: string, value: Value, most: number): Value {
  cache.set(key, value);
  const [oldest] = cache.keys();
  if (cache.size > most && oldest !== undefined) cache.delete(oldest);
  return value;
}
