import type { BodyDefinition } from '@tutti/contracts';
import { compileAdmission } from './compile-admission.js';
import type { CompileTools, Path, Standing } from './compile-tools.js';
import { NO_RETRY, type ChildSource, type RetryPolicy, type WorkPlan } from './plan.js';

/** What the compiler of a graph does for its bodies. */
export interface BodyContext {
  readonly tools: CompileTools;
  readonly workflow: string;
  /** Compiles a group as a plan of its own; gives its block's name. */
  readonly group: (body: BodyDefinition, path: Path, owner: string) => string;
}

interface BodyPlace {
  readonly path: Path;
  /** Name of the step or inner step it is the body of. */
  readonly owner: string;
  readonly standing: Standing;
  /** When the body says nothing. */
  readonly retry?: RetryPolicy;
}

/** Members that only some bodies have, with those that have them. */
const MEMBERS_OF: Readonly<Record<string, readonly (keyof BodyDefinition)[]>> = {
  agent: ['capability'],
  routing: ['capability'],
  priority: ['capability'],
  concurrency: ['capability'],
  rateLimit: ['capability'],
  heartbeatTimeout: ['capability'],
  input: ['capability'],
  with: ['capability', 'workflow', 'steps', 'plan'],
  timeout: ['capability', 'wait', 'workflow', 'steps', 'plan'],
  retry: ['capability', 'workflow', 'steps', 'plan'],
  outputs: ['steps'],
};

/** Makes the work of a step, case, handler or compensation ready. */
export function compileBody(body: BodyDefinition, place: BodyPlace, context: BodyContext): WorkPlan {
  const { path, standing, owner } = place;
  const { tools, workflow } = context;
  refuseForeignMembers(body, path, tools);
  const base = {
    input: tools.template(body.with ?? {}, [...path, 'with'], standing),
    timeoutMs: tools.duration(body.timeout, [...path, 'timeout']),
    retry: tools.retry(body.retry, [...path, 'retry'], place.retry ?? NO_RETRY),
  };
  if (body.sleep !== undefined) {
    const length = body.sleep.includes('${{')
      ? (tools.expression(body.sleep, [...path, 'sleep'], standing) ?? 0)
      : (tools.duration(body.sleep, [...path, 'sleep']) ?? 0);
    return { ...base, kind: 'sleep', length };
  }
  if (body.wait !== undefined) return { ...base, kind: 'wait', ...compileWait(body.wait, [...path, 'wait'], standing, tools) };
  if (body.set !== undefined) return { ...base, kind: 'set', input: tools.template(body.set, [...path, 'set'], standing) };
  const source = childSource(body, place, context);
  if (source !== null) {
    const inherits = source.kind !== 'workflow' && body.with === undefined;
    const input = inherits ? tools.template('${{ inputs }}', path, standing) : base.input;
    return { ...base, kind: 'child', input, source, inherits };
  }
  return {
    ...base,
    kind: 'task',
    capability: body.capability ?? '',
    agent: body.agent ?? null,
    panel: null,
    admission: compileAdmission(body, path, {
      stepName: `${workflow}/${owner}`,
      template: (text, at) => tools.template(text, at, standing),
      expression: (text, at) => tools.expression(text, at, standing),
      duration: (text, at) => tools.duration(text, at),
    }),
    inputSchema: tools.schema(body.input, [...path, 'input']),
    heartbeatMs: tools.duration(body.heartbeatTimeout, [...path, 'heartbeatTimeout']),
  };
}

function compileWait(wait: NonNullable<BodyDefinition['wait']>, path: Path, { step }: Standing, tools: CompileTools) {
  if ('signal' in wait) {
    const where = tools.expression(wait.where, [...path, 'where'], { place: 'signal', step });
    return { awaited: { kind: 'signal', name: wait.signal, schema: tools.schema(wait.schema, [...path, 'schema']) } as const, where };
  }
  const where = tools.expression(wait.where, [...path, 'where'], { place: 'event', step });
  return { awaited: { kind: 'event', eventType: wait.event, source: wait.source ?? null } as const, where };
}

function childSource(body: BodyDefinition, { path, owner, standing }: BodyPlace, { tools, group }: BodyContext): ChildSource | null {
  if (body.workflow !== undefined) {
    const { name, version, detach } =
      typeof body.workflow === 'string' ? { name: body.workflow, version: undefined, detach: false } : body.workflow;
    return { kind: 'workflow', name, version: version ?? null, detach };
  }
  if (body.steps !== undefined) return { kind: 'group', block: group(body, path, owner) };
  if (body.plan === undefined) return null;
  const plan = typeof body.plan === 'string' ? { from: body.plan, capabilities: undefined, maxSteps: 100 } : body.plan;
  const at = typeof body.plan === 'string' ? [...path, 'plan'] : [...path, 'plan', 'from'];
  const from = tools.expression(plan.from, at, standing);
  return from === null ? null : { kind: 'plan', from, capabilities: plan.capabilities ?? null, maxSteps: plan.maxSteps };
}

function refuseForeignMembers(body: BodyDefinition, path: Path, tools: CompileTools): void {
  for (const [member, kinds] of Object.entries(MEMBERS_OF)) {
    if (body[member as keyof BodyDefinition] === undefined || kinds.some((kind) => body[kind] !== undefined)) continue;
    tools.problem([...path, member], `"${member}" goes with ${kinds.join(', ')} only`);
  }
}
