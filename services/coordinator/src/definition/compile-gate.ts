import { parseDuration, type GateDefinition } from '@tutti/contracts';
import { assertNever, type JsonValue } from '@tutti/kernel';
import { PLAIN_ADMISSION_PLAN } from './admission.js';
import type { CompileTools, Path } from './compile-tools.js';
import { NO_RETRY, type GatePlan, type OnFail, type StepPlan, type TaskBody } from './plan.js';

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
  const base = { name: gate.name, message: gate.message ?? null, onFail: compileOnFail(gate.onFail, [...path, 'onFail'], step, context) };
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
    case 'command': {
      const input = { run: gate.run as JsonValue, stdin: gate.with ?? '${{ output }}' };
      const body = {
        capability: COMMAND_CAPABILITY,
        agent: null,
        timeoutMs: parseDuration(gate.timeout),
        input: tools.template(input, path, standing),
      };
      return { ...base, type: 'command', inner: addInner(step, gate.name, body, null, context) };
    }
    case 'agent': {
      const judges = gate.agents?.length ?? gate.judges ?? 1;
      const input = { output: '${{ output }}', ...gate.with };
      const body = {
        capability: gate.capability,
        agent: null,
        timeoutMs: tools.duration(gate.timeout, [...path, 'timeout']),
        input: tools.template(input, [...path, 'with'], standing),
      };
      const inner = addInner(step, gate.name, body, judges, context);
      return { ...base, type: 'agent', inner, judges, pass: gate.pass, minScore: gate.minScore ?? null };
    }
    case 'approval':
      return {
        ...base,
        type: 'approval',
        title: tools.template(gate.title, [...path, 'title'], standing),
        payload: tools.expression(gate.payload, [...path, 'payload'], standing),
      };
    default:
      return assertNever(gate, 'gate');
  }
}

function addInner(
  step: string,
  gate: string,
  task: Pick<TaskBody, 'capability' | 'agent' | 'timeoutMs' | 'input'>,
  _judges: number | null,
  { addInner: add }: GateContext,
): string {
  const id = `gate:${step}.${gate}`;
  const body: TaskBody = { ...task, kind: 'task', admission: PLAIN_ADMISSION_PLAN, inputSchema: null, heartbeatMs: null, retry: NO_RETRY };
  add(innerStep(id, body));
  return id;
}

/** A step that has nothing but its work. */
export function innerStep(id: string, body: StepPlan['body']): StepPlan {
  return {
    ...{ id, name: id, needs: [], dependents: new Set<string>(), condition: null, forEach: null, body, repeat: null },
    ...{ output: null, gates: [], catches: [], compensation: null },
  };
}

function compileOnFail(onFail: OnFail, path: Path, step: string, { tools, refuseGoto }: GateContext): OnFail {
  const refused = onFail.action === 'goto' ? refuseGoto(step, onFail.step) : null;
  if (refused !== null) tools.problem([...path, 'step'], refused);
  return onFail;
}
