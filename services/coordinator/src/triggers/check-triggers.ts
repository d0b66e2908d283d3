import { isAbsolute } from 'node:path';
import { parseDuration, type WorkflowDefinition } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { compileSchema, type CompiledSchema } from '../definition/json-schema.js';
import type { DefinitionProblem, ParsedSource } from '../definition/source-map.js';
import type { Expression } from '../expressions/expression.js';
import { compileTemplate, expressionsOf, type TemplateProblem } from '../expressions/template.js';
import { cronProblem } from '../schedules/times.js';

type Path = readonly (string | number)[];

/** What could never be forwarded: these come of events themselves. */
const NO_TRIGGER: Readonly<Record<string, string>> = {
  EventReceived: 'name the type of the event that was received',
  TriggerRefused: 'it is itself what came of an event',
  TriggersChecked: 'it is itself what came of an event',
};
const MIN_EVERY_MS = 1_000;

/** Finds what is wrong in a definition's `on`, beyond its form: expressions, times, names that stand twice, inputs that the workflow does not take. */
export function checkTriggers(definition: WorkflowDefinition, source: ParsedSource, problems: DefinitionProblem[]): void {
  const { on } = definition;
  if (on === undefined) return;
  const checks = new Checks(definition, source, problems);
  const names = new Set<string>();
  (on.schedule ?? []).forEach((schedule, index) => {
    const at: Path = ['on', 'schedule', index];
    const { name = String(index + 1), cron, every, offset, timezone = 'UTC', catchUp, jitter } = schedule;
    if (names.has(name)) checks.problem([...at, 'name'], `two schedules are named "${name}"`);
    names.add(name);
    const wrong = cron === undefined ? null : cronProblem(cron, timezone);
    if (wrong !== null) checks.problem([...at, wrong.includes('time zone') ? 'timezone' : 'cron'], wrong);
    const everyMs = checks.duration(every, [...at, 'every']);
    const offsetMs = checks.duration(offset, [...at, 'offset']);
    if (everyMs !== null && everyMs < MIN_EVERY_MS) checks.problem([...at, 'every'], `every ${every ?? ''}; expected at least 1s`);
    if (everyMs !== null && offsetMs !== null && offsetMs >= everyMs)
      checks.problem([...at, 'offset'], `offset ${offset ?? ''} is not shorter than every ${every ?? ''}`);
    checks.duration(catchUp, [...at, 'catchUp']);
    checks.duration(jitter, [...at, 'jitter']);
    checks.inputs(schedule.with ?? {}, [...at, 'with'], 'schedule');
  });
  (on.webhook ?? []).forEach((webhook, index) => checks.ofEvent(webhook, ['on', 'webhook', index]));
  (on.file ?? []).forEach((file, index) => {
    if (!isAbsolute(file.folder)) checks.problem(['on', 'file', index, 'folder'], `folder "${file.folder}" is not absolute`);
    checks.ofEvent(file, ['on', 'file', index]);
  });
  (on.event ?? []).forEach((event, index) => {
    const refusal = Object.hasOwn(NO_TRIGGER, event.type) ? NO_TRIGGER[event.type] : undefined;
    if (refusal !== undefined) checks.problem(['on', 'event', index, 'type'], `"${event.type}" starts nothing: ${refusal}`);
    checks.ofEvent(event, ['on', 'event', index]);
  });
}

class Checks {
  private readonly schema: CompiledSchema | null;

  constructor(
    definition: WorkflowDefinition,
    private readonly source: ParsedSource,
    private readonly problems: DefinitionProblem[],
  ) {
    this.schema = schemaOf(definition);
  }

  problem(path: Path, message: string): void {
    this.problems.push(this.source.at(path, message));
  }

  duration(text: string | undefined, path: Path): number | null {
    if (text === undefined) return null;
    const ms = parseDuration(text);
    if (ms === null) this.problem(path, `duration "${text}" is too long`);
    return ms;
  }

  ofEvent({ where, with: inputs }: { readonly where?: string | undefined; readonly with?: JsonValue | undefined }, at: Path): void {
    if (where !== undefined) {
      const template = this.template(where, [...at, 'where'], 'event');
      if (template !== null && template.kind !== 'expression')
        this.problem([...at, 'where'], 'expected exactly one expression: "${{ … }}"');
    }
    if (inputs !== undefined) this.inputs(inputs, [...at, 'with'], 'event');
  }

  /** Inputs without expressions are held against the workflow's schema: no run could ever be started with them. */
  inputs(value: JsonValue, path: Path, sees: 'event' | 'schedule'): void {
    const template = this.template(value, path, sees);
    if (template?.kind !== 'constant' || this.schema === null) return;
    for (const { path: where, message } of this.schema.check(template.value))
      this.problem(path, `the workflow does not take these inputs: ${where === '' ? '' : `${where}: `}${message}`);
  }

  private template(value: JsonValue, path: Path, sees: string): ReturnType<typeof compileTemplate> | null {
    const found: TemplateProblem[] = [];
    const template = compileTemplate(value, found);
    for (const problem of found) this.problem([...path, ...problem.path], problem.message);
    for (const expression of expressionsOf(template)) this.checkRoot(expression, path, sees);
    return found.length > 0 ? null : template;
  }

  /** Only a plain path says for certain what it reads. */
  private checkRoot({ path: names, source, asksOutcome }: Expression, path: Path, sees: string): void {
    const [root = ''] = names ?? [];
    if (names !== null && root !== sees) this.problem(path, `in "${source}": nothing is called "${root}" here; expected ${sees}`);
    if (asksOutcome) this.problem(path, `in "${source}": always(), success() and failure() are for steps`);
  }
}

/** Null where there is none, or none that compiles: that is said elsewhere. */
function schemaOf({ inputs }: WorkflowDefinition): CompiledSchema | null {
  if (inputs === undefined) return null;
  try {
    return compileSchema(inputs);
  } catch {
    return null;
  }
}
