import { readdirSync, readFileSync } from 'node:fs';
import type { Agent, AgentContext, AgentProfile, AgentTask } from '@tutti/agent-sdk';
import { Ajv2020 } from 'ajv/dist/2020.js';
import jsonata from 'jsonata';
import { parse } from 'yaml';
import * as entry from '../index.js';

/** The shipped definitions as they are on disk, and a small in-process run of them for tests. */

interface GateDefinition {
  readonly name: string;
  readonly type: string;
  readonly expression?: string;
  readonly payload?: string;
  readonly onFail: Readonly<Record<string, unknown>>;
}

interface StepDefinition {
  readonly name: string;
  readonly capability: string;
  readonly needs?: readonly string[];
  readonly with: Readonly<Record<string, unknown>>;
  readonly output: object;
  readonly gates: readonly GateDefinition[];
}

export interface WorkflowDefinition {
  readonly name: string;
  readonly steps: Readonly<Record<string, StepDefinition>>;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface AgentDefinition {
  readonly name: string;
  readonly role: string;
  readonly description: string;
  readonly version: string;
  readonly prompt: string;
  readonly capabilities: readonly string[];
  readonly entry: { readonly export: string };
}

/** As the coordinator shows a decided approval to expressions. */
const APPROVAL = { approved: true, decidedBy: 'demo', decidedAt: '2026-01-02T03:04:05.000Z', reason: '', payloadHash: 'ab12' };

const root = new URL('../../', import.meta.url);

export function workflowDefinition(): WorkflowDefinition {
  return parse(readFileSync(new URL('workflows/architecture-design.yaml', root), 'utf8')) as WorkflowDefinition;
}

export function agentDefinitions(): readonly AgentDefinition[] {
  return readdirSync(new URL('agents/', root))
    .sort()
    .map((file) => parse(readFileSync(new URL(`agents/${file}`, root), 'utf8')) as AgentDefinition);
}

export interface WorkflowRun {
  readonly outputs: Readonly<Record<string, Record<string, unknown>>>;
  readonly refused: readonly string[];
  readonly order: readonly string[];
  readonly document: string;
  readonly documents: readonly { readonly path: string; readonly content: string }[];
}

/** Runs every step by its definition: `with` and gates as JSONata, outputs against their schemas, agents by capability. */
export async function runWorkflow(prd: string, title?: string): Promise<WorkflowRun> {
  const workflow = workflowDefinition();
  const agents = agentDefinitions();
  const ajv = new Ajv2020({ strict: false });
  const steps: Record<string, { output: Record<string, unknown> }> = {};
  const refused: string[] = [];
  const inputs = title === undefined ? { prd } : { prd, title };
  const order = orderOf(workflow);
  for (const id of order) {
    const step = workflow.steps[id] as StepDefinition;
    const definition = agents.find((agent) => agent.capabilities.includes(step.capability));
    if (definition === undefined) throw new Error(`no agent has ${step.capability}`);
    const visible = Object.fromEntries(needsOf(workflow, id).map((need) => [need, steps[need]]));
    const input = (await evaluateAll(step.with, { inputs, steps: visible })) as AgentTask['input'];
    const output = (await agentOf(definition).processTask(taskFor(id, step.capability, input), contextFor(definition))) as Record<
      string,
      unknown
    >;
    if (!ajv.validate(step.output, output)) refused.push(`${id}/schema: ${ajv.errorsText()}`);
    for (const gate of step.gates) {
      if (gate.expression === undefined) continue;
      if ((await evaluate(gate.expression, { inputs, steps: visible, output })) !== true) refused.push(`${id}/${gate.name}`);
    }
    steps[id] = { output };
  }
  const outputs = Object.fromEntries(Object.entries(steps).map(([id, step]) => [id, step.output]));
  const approved = { ...steps, decisions: { ...steps['decisions'], approvals: { 'stakeholder-approval': APPROVAL } } };
  const documents = (await evaluate(workflow.outputs['documents'] ?? '', { steps: approved })) as WorkflowRun['documents'];
  return { outputs, refused, order, documents, document: documents[0]?.content ?? '' };
}

export function agentOf(definition: AgentDefinition): Agent {
  const classes = entry as unknown as Readonly<Record<string, new () => Agent>>;
  const Exported = classes[definition.entry.export];
  if (Exported === undefined)
    throw new Error(`${definition.name} names the export ${definition.entry.export}, which the package does not have`);
  return new Exported();
}

export function taskFor(step: string, capability: string, input: AgentTask['input']): AgentTask {
  return { taskId: `task-${step}`, runId: 'run-1', step, capability, attempt: 1, input, feedback: [], idempotencyKey: `key-${step}` };
}

export function contextFor(definition: AgentDefinition): Parameters<Agent['processTask']>[1] {
  const profile: AgentProfile = { ...definition, tools: [], limits: { concurrency: 4, timeoutMs: 60_000 }, metadata: {} };
  const { signal } = new AbortController();
  const step: AgentContext['step'] = async (_, work) => work({ idempotencyKey: 'key', attempt: 1, signal, usage: () => undefined });
  const nothing = (): undefined => undefined;
  return { profile, signal, log: nothing, progress: nothing, heartbeat: nothing, apiToken: async () => 'token', step };
}

/** Steps after all they need; the order of the file among those that are free. */
function orderOf(workflow: WorkflowDefinition): readonly string[] {
  const order: string[] = [];
  const open = Object.keys(workflow.steps);
  while (order.length < open.length) {
    const next = open.find((id) => !order.includes(id) && (workflow.steps[id]?.needs ?? []).every((need) => order.includes(need)));
    if (next === undefined) throw new Error('the steps need each other in a circle');
    order.push(next);
  }
  return order;
}

export function needsOf(workflow: WorkflowDefinition, id: string): readonly string[] {
  const found = new Set<string>();
  const visit = (step: string): void => {
    for (const need of workflow.steps[step]?.needs ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(id);
  return [...found];
}

async function evaluateAll(value: unknown, scope: object): Promise<unknown> {
  if (typeof value === 'string') return evaluate(value, scope);
  if (Array.isArray(value)) return Promise.all(value.map((one) => evaluateAll(one, scope)));
  const entries = await Promise.all(
    Object.entries(value as object).map(async ([key, one]) => [key, await evaluateAll(one, scope)] as const),
  );
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
}

async function evaluate(template: string, scope: object): Promise<unknown> {
  const expression = /^\$\{\{([\s\S]*)\}\}$/.exec(template.trim())?.[1];
  if (expression === undefined) return template;
  // A plain path may hold hyphens, as the workflow language allows; JSONata wants such names quoted.
  const plain = /^[\w-]+(?:\.[\w-]+)*$/.test(expression.trim());
  const code = plain
    ? expression
        .trim()
        .split('.')
        .map((name) => `\`${name}\``)
        .join('.')
    : expression.trim();
  const result: unknown = await jsonata(code).evaluate(scope);
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
}
