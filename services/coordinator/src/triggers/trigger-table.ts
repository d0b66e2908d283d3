import { resolve } from 'node:path';
import { categoryOfEventType, parseDuration, triggers as triggersSchema, type ScheduleSpec, type Triggers } from '@tutti/contracts';
import type { EventFilter } from '@tutti/event-store';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { Expression } from '../expressions/expression.js';
import { compileTemplate, type Template } from '../expressions/template.js';
import { DEFAULT_CATCH_UP_MS } from '../schedules/schedule-messages.js';
import { webhookSource } from '../inbox/webhooks.js';
import { filePattern, fileSource } from './files/file-pattern.js';
import type { WatchedFolder } from './files/file-watch.js';

/** One that starts runs of a workflow because of an event. */
export interface InForce {
  /** `{workflow}/{kind}.{number}`. */
  readonly id: string;
  readonly workflow: string;
  readonly source: string | null;
  /** Null for every type. */
  readonly type: string | null;
  /** Of a file's path below its folder. */
  readonly matchesName: ((name: string) => boolean) | null;
  readonly where: Expression | null;
  /** Null for the event's data. */
  readonly inputs: Template | null;
}

export interface NamedSpec {
  readonly name: string;
  readonly spec: ScheduleSpec;
}

interface OfWorkflow {
  readonly inForce: readonly InForce[];
  readonly hooks: readonly { readonly name: string; readonly secret: string }[];
  readonly folders: readonly WatchedFolder[];
}

/** The triggers of the newest version of each workflow. */
export class TriggerTable {
  private readonly workflows = new Map<string, OfWorkflow>();
  private byType = new Map<string, InForce[]>();
  private bySource = new Map<string, InForce[]>();

  /** @param on as the definition has it; what was there before stops */
  put(workflow: string, on: Triggers | null): void {
    if (on === null) this.workflows.delete(workflow);
    else this.workflows.set(workflow, compile(workflow, on));
    this.byType = new Map();
    this.bySource = new Map();
    for (const { inForce } of this.workflows.values()) {
      for (const trigger of inForce) {
        if (trigger.type !== null) add(this.byType, trigger.type, trigger);
        else if (trigger.source !== null) add(this.bySource, trigger.source, trigger);
      }
    }
  }

  get isEmpty(): boolean {
    return this.byType.size === 0 && this.bySource.size === 0;
  }

  /** Those that an event may start, by its type and source alone. */
  candidates(type: string, source: string): readonly InForce[] {
    const ofType = (this.byType.get(type) ?? []).filter((trigger) => trigger.source === null || trigger.source === source);
    return [...ofType, ...(this.bySource.get(source) ?? [])];
  }

  secretsOf(hook: string): readonly string[] {
    const hooks = [...this.workflows.values()].flatMap((one) => one.hooks.filter(({ name }) => name === hook));
    return [...new Set(hooks.map(({ secret }) => secret))];
  }

  /** Each once. */
  folders(): readonly WatchedFolder[] {
    const folders = new Map<string, boolean>();
    for (const one of this.workflows.values())
      for (const { folder, below } of one.folders) folders.set(folder, below || folders.get(folder) === true);
    return [...folders].map(([folder, below]) => ({ folder, below }));
  }

  /** What must be followed so that none of them misses anything, and the registrations that change them. */
  filter(): EventFilter {
    const types = new Set(['WorkflowVersionRegistered']);
    for (const type of this.byType.keys()) types.add(categoryOfEventType(type) === null ? 'EventReceived' : type);
    if (this.bySource.size > 0) types.add('EventReceived');
    return { categories: [...new Set([...types].map((type) => categoryOfEventType(type) ?? 'inbox'))].sort(), types: [...types].sort() };
  }
}

/** The triggers of a definition's document; null when it has none. Definitions were checked when they were registered. */
export function triggersOf(document: JsonObject): Triggers | null {
  const parsed = triggersSchema.safeParse(document['on']);
  return parsed.success ? parsed.data : null;
}

/** Its schedules, named `{workflow}.{name or number}`. */
export function schedulesOf(workflow: string, on: Triggers | null): readonly NamedSpec[] {
  return (on?.schedule ?? []).map((schedule, index) => {
    const { name = String(index + 1), cron = null, every, offset, timezone = 'UTC', overlap, catchUp, jitter } = schedule;
    const spec: ScheduleSpec = {
      ...{ workflow, cron, everyMs: every === undefined ? null : milliseconds(every), offsetMs: milliseconds(offset), timezone, overlap },
      catchUpMs: catchUp === undefined ? DEFAULT_CATCH_UP_MS : milliseconds(catchUp),
      ...{ jitterMs: milliseconds(jitter), inputs: schedule.with ?? {} },
    };
    return { name: `${workflow}.${name}`, spec };
  });
}

function compile(workflow: string, on: Triggers): OfWorkflow {
  const common = (
    kind: string,
    index: number,
    { where, with: inputs }: { readonly where?: string | undefined; readonly with?: JsonObject | undefined },
  ) => ({
    ...{ id: `${workflow}/${kind}.${index + 1}`, workflow, where: where === undefined ? null : expressionOf(where) },
    inputs: inputs === undefined ? null : compileTemplate(inputs, []),
  });
  const hooks = (on.webhook ?? []).map(({ name, secret = name }) => ({ name, secret }));
  const inForce: readonly InForce[] = [
    ...(on.event ?? []).map((trigger, index) => ({
      ...common('event', index, trigger),
      ...{ source: trigger.source ?? null, type: trigger.type, matchesName: null },
    })),
    ...(on.webhook ?? []).map((trigger, index) => ({
      ...common('webhook', index, trigger),
      ...{ source: webhookSource(trigger.name, trigger.secret ?? trigger.name), type: null, matchesName: null },
    })),
    ...(on.file ?? []).map((trigger, index) => ({
      ...common('file', index, trigger),
      ...{ source: fileSource(trigger.folder), type: null, matchesName: filePattern(trigger.pattern) },
    })),
  ];
  return {
    inForce,
    hooks,
    folders: (on.file ?? []).map(({ folder, pattern }) => ({ folder: resolve(folder), below: pattern.includes('/') })),
  };
}

function expressionOf(text: JsonValue): Expression | null {
  const template = compileTemplate(text, []);
  return template.kind === 'expression' ? template.expression : null;
}

function milliseconds(text: string | undefined): number {
  return text === undefined ? 0 : (parseDuration(text) ?? 0);
}

function add(index: Map<string, InForce[]>, key: string, trigger: InForce): void {
  index.set(key, [...(index.get(key) ?? []), trigger]);
}
