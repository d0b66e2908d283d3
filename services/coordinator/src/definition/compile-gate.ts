import type { GateDefinition } from '@tutti/contracts';
import { assertNever, TuttiError, type JsonValue } from '@tutti/kernel';
import { compileTemplate } from '../expressions/template.js';
import { compileExpression } from '../expressions/expression.js';
import { PLAIN_ADMISSION_PLAN } from './admission.js';
import type { CompileTools, Path } from './compile-tools.js';
import { compileSchema, type CompiledSchema } from './json-schema.js';
import type { ApprovalRules, AskPerson, GatePlan, OnFail, RetryPolicy, StepPlan, TaskBody } from './plan.js';

/** What the compiler of a graph does for its gates. */
export interface GateContext {
  readonly tools: CompileTools;
  /** Whether a failed gate of the step may go to the other one; what is wrong with it, if not. */
  readonly refuseGoto: (step: string, target: string) => string | null;
  /** Keeps a step that belongs to the gate. */
  readonly addInner: (step: StepPlan) => void;
}

/** The capability of a worker that runs a gate's program. */
export const COMMAND_CAPABILITY = 'tutti.command';

/** Makes a gate ready. Null when it has problems. */
export function compileGate(gate: GateDefinition, path: Path, step: string, context: GateContext): GatePlan | null {
  const { tools } = context;
  const standing = { place: 'gate', step } as const;
  const message = gate.message === undefined ? null : tools.template(gate.message, [...path, 'message'], standing);
  const base = { name: gate.name, message, onFail: compileOnFail(gate.onFail, [...path, 'onFail'], step, context) };
  switch (gate.type) {
    case 'schema': {
      const schema = tools.schema(gate.schema, [...path, 'schema']);
      return schema === null ? null : { ...base, type: 'schema', schema };
    }
    case 'expression': {
      const expression = tools.expression(gate.expression, [...path, 'expression'], standing);
      return expression === null ? null : { ...base, type: 'expression', expression };
    }
    case 'plan':
      return { ...base, type: 'plan', plan: tools.expression(gate.plan, [...path, 'plan'], standing) };
    case 'metric': {
      if (gate.min === undefined && gate.max === undefined) tools.problem(path, `metric gate "${gate.name}" has neither min nor max`);
      if ((gate.metric === 'value') !== (gate.value !== undefined))
        tools.problem(path, '"value" is expected with `metric: value`, and only there');
      const value = tools.expression(gate.value, [...path, 'value'], standing);
      return { ...base, type: 'metric', metric: gate.metric, value, min: gate.min ?? null, max: gate.max ?? null };
    }
    case 'command':
      return { ...base, ...compileCommand(gate, path, step, context) };
    case 'agent':
      return { ...base, ...compileJudges(gate, path, step, context) };
    case 'approval':
      return {
        ...base,
        type: 'approval',
        title: tools.template(gate.title, [...path, 'title'], standing),
        payload: tools.expression(gate.payload, [...path, 'payload'], standing),
        rules: compileRules(gate, path, context),
      };
    default:
      return assertNever(gate, 'gate');
  }
}

/** In a text for a shell, expressions become variables: no value of a run is ever read as code. */
function compileCommand(gate: Extract<GateDefinition, { type: 'command' }>, path: Path, step: string, context: GateContext) {
  const { tools } = context;
  const standing = { place: 'gate', step } as const;
  const env: Record<string, JsonValue> = {};
  const run = typeof gate.run === 'string' ? withVariables(gate.run, env) : gate.run;
  const input = tools.template({ run, env, stdin: gate.with ?? '${{ output }}' }, [...path, 'run'], standing);
  const body = { ...GATE_TASK, capability: COMMAND_CAPABILITY, timeoutMs: tools.duration(gate.timeout, [...path, 'timeout']), input };
  return { type: 'command', inner: addInner(step, gate.name, body, context, COMMAND_RESULT) } as const;
}

function withVariables(text: string, env: Record<string, JsonValue>): string {
  const template = compileTemplate(text, []);
  const parts = template.kind === 'text' ? template.parts : template.kind === 'expression' ? [template.expression] : [text];
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const name = `TUTTI_${Object.keys(env).length + 1}`;
      env[name] = `\${{ ${part.source} }}`;
      return `\${${name}}`;
    })
    .join('');
}

/** Judges are asked all at once; each answers for itself. */
function compileJudges(gate: Extract<GateDefinition, { type: 'agent' }>, path: Path, step: string, context: GateContext) {
  const { tools } = context;
  const judges = gate.agents?.length ?? gate.judges ?? 1;
  if (gate.agents !== undefined && gate.judges !== undefined)
    tools.problem([...path, 'judges'], '"judges" and "agents" both say how many judge');
  if (typeof gate.pass === 'number' && gate.pass > judges)
    tools.problem([...path, 'pass'], `${gate.pass} must pass it, but only ${judges} ${judges === 1 ? 'judges' : 'judge'}`);
  const input = tools.template({ output: '${{ output }}', ...gate.with }, [...path, 'with'], { place: 'gate', step });
  const timeoutMs = tools.duration(gate.timeout, [...path, 'timeout']);
  const [only] = gate.agents ?? [];
  const agents = judges === 1 ? { agent: only ?? null, panel: null } : { agent: null, panel: gate.agents ?? null };
  const body: TaskBody = { ...GATE_TASK, ...agents, capability: gate.capability, timeoutMs, input };
  const inner = addInner(step, gate.name, body, context, JUDGE_VERDICT, judges);
  return { type: 'agent', inner, judges, pass: gate.pass, minScore: gate.minScore ?? null } as const;
}

const GATE_RETRY: RetryPolicy = { maxAttempts: 3, initialMs: 1_000, backoff: 2, maxMs: 30_000, jitter: 0.2, journal: 'keep' };
const GATE_TASK = {
  kind: 'task',
  agent: null,
  panel: null,
  admission: PLAIN_ADMISSION_PLAN,
  heartbeatMs: null,
  inputSchema: null,
  retry: GATE_RETRY,
} as const;

const JUDGE_VERDICT = compileSchema({
  type: 'object',
  properties: { passed: { type: 'boolean' }, score: { type: 'number' }, reason: { type: 'string' } },
  required: ['passed'],
});
const COMMAND_RESULT = compileSchema({ type: 'object', properties: { exitCode: { type: ['integer', 'null'] } }, required: ['exitCode'] });

function addInner(step: string, gate: string, body: TaskBody, { addInner: add }: GateContext, output: CompiledSchema, judges = 1): string {
  const id = `gate:${step}.${gate}`;
  const places = compileExpression(JSON.stringify(Array.from({ length: judges }, (_, judge) => judge + 1)));
  if ('problem' in places) throw new TuttiError('INTERNAL', places.problem);
  add({ ...innerStep(id, body), output, forEach: judges === 1 ? null : { items: places, concurrency: judges } });
  return id;
}

/** A step that has nothing but its work. */
export function innerStep(id: string, body: StepPlan['body']): StepPlan {
  return {
    ...{ id, name: id, needs: [], dependents: new Set<string>(), condition: null, forEach: null, body, repeat: null },
    ...{ output: null, gates: [], catches: [], compensation: null },
  };
}

function compileOnFail(onFail: GateDefinition['onFail'], path: Path, step: string, context: GateContext): OnFail {
  const { tools, refuseGoto } = context;
  switch (onFail.action) {
    case 'goto': {
      const refused = refuseGoto(step, onFail.step);
      if (refused !== null) tools.problem([...path, 'step'], refused);
      return { ...onFail, otherwise: otherwise(onFail, path, step, context) };
    }
    case 'retry':
      return { ...onFail, agents: onFail.agents ?? null, otherwise: otherwise(onFail, path, step, context) };
    case 'approval':
      return askPerson(onFail, path, step, context);
    case 'fail':
      return onFail;
    default:
      return assertNever(onFail, 'onFail');
  }
}

type AskDefinition = Extract<GateDefinition['onFail'], { action: 'approval' }>;

function otherwise(onFail: { otherwise?: AskDefinition | undefined }, path: Path, step: string, context: GateContext): AskPerson | null {
  return onFail.otherwise === undefined ? null : askPerson(onFail.otherwise, [...path, 'otherwise'], step, context);
}

function askPerson(ask: AskDefinition, path: Path, step: string, context: GateContext): AskPerson {
  const title = ask.title === undefined ? null : context.tools.template(ask.title, [...path, 'title'], { place: 'gate', step });
  return { action: 'approval', title, rules: compileRules(ask, path, context) };
}

type RulesDefinition = Pick<
  Extract<GateDefinition, { type: 'approval' }>,
  'approvers' | 'quorum' | 'separateFrom' | 'expires' | 'escalate' | 'notify'
>;

function compileRules(rules: RulesDefinition, path: Path, { tools }: GateContext): ApprovalRules {
  const { approvers, quorum, separateFrom = [], expires, escalate = [], notify = [] } = rules;
  const everyone = new Set([...(approvers ?? []), ...escalate.flatMap(({ to }) => to)]);
  if (approvers !== undefined && everyone.size < quorum)
    tools.problem([...path, 'quorum'], `${quorum} people must approve, but only ${everyone.size} may`);
  const escalations = escalate.map(({ after, to }, index) => ({
    afterMs: tools.duration(after, [...path, 'escalate', index, 'after']) ?? 0,
    to,
  }));
  if (escalations.some(({ afterMs }, index) => index > 0 && afterMs < (escalations[index - 1]?.afterMs ?? 0)))
    tools.problem([...path, 'escalate'], 'escalations are expected in the order of their time');
  const expiresMs = tools.duration(expires, [...path, 'expires']);
  return { approvers: approvers ?? null, quorum, separateFrom, expiresMs, escalations, notify };
}
