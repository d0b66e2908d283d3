import type { BodyDefinition, GateDefinition, StepDefinition, WorkflowDefinition } from '@tutti/contracts';
import type { Path, TypeProblem } from './type-report.js';

type Steps = WorkflowDefinition['steps'];

/** Approvals that are to be kept apart from who decided something that nobody can have decided before them: nobody would be kept out. */
export function separationProblems({ steps, onFailure }: Pick<WorkflowDefinition, 'steps' | 'onFailure'>): readonly TypeProblem[] {
  const inHandler = onFailure === undefined ? [] : inBody(onFailure, ['onFailure']);
  return [...inSteps(steps, ['steps']), ...inHandler];
}

function inSteps(steps: Steps, at: Path): readonly TypeProblem[] {
  return Object.entries(steps).flatMap(([id, step]) => {
    const path = [...at, id];
    const inGates = (step.gates ?? []).flatMap((gate, index) => inGate(steps, id, gate, index, [...path, 'gates', index]));
    const bodies: readonly (readonly [BodyDefinition | undefined, Path])[] = [
      [step, path],
      ...Object.entries(step.cases ?? {}).map(([name, body]) => [body, [...path, 'cases', name]] as const),
      [step.default, [...path, 'default']],
      ...(step.catch ?? []).map((body, index) => [body, [...path, 'catch', index]] as const),
      [step.compensate, [...path, 'compensate']],
    ];
    return [...inGates, ...bodies.flatMap(([body, where]) => (body === undefined ? [] : inBody(body, where)))];
  });
}

function inBody({ steps }: Pick<BodyDefinition, 'steps'>, at: Path): readonly TypeProblem[] {
  return steps === undefined ? [] : inSteps(steps, [...at, 'steps']);
}

function inGate(steps: Steps, id: string, gate: GateDefinition, index: number, at: Path): readonly TypeProblem[] {
  return rulesOf(gate, at).flatMap(({ separateFrom = [], path }) =>
    separateFrom.flatMap((whom, place) => {
      const known = ['starter', ...decidable(steps, id, index)];
      if (known.includes(whom)) return [];
      return [{ path: [...path, 'separateFrom', place], message: `nobody decides "${whom}" before this; expected ${known.join(' or ')}` }];
    }),
  );
}

/** The rules of who decides, wherever the gate asks people. */
function rulesOf(
  gate: GateDefinition,
  at: Path,
): readonly { readonly separateFrom?: readonly string[] | undefined; readonly path: Path }[] {
  const { onFail } = gate;
  const path = [...at, 'onFail'];
  return [
    ...(gate.type === 'approval' ? [{ separateFrom: gate.separateFrom, path: at }] : []),
    ...(onFail.action === 'approval' ? [{ separateFrom: onFail.separateFrom, path }] : []),
    ...('otherwise' in onFail && onFail.otherwise !== undefined
      ? [{ separateFrom: onFail.otherwise.separateFrom, path: [...path, 'otherwise'] }]
      : []),
  ];
}

/** Gates that people decide, of the steps that this one needs and of its own that stand before. */
function decidable(steps: Steps, id: string, index: number): readonly string[] {
  const own = steps[id]?.gates?.slice(0, index) ?? [];
  const before = [...needed(steps, id)].flatMap((other) => (other === id ? [] : named(other, steps[other]?.gates ?? [])));
  return [...before, ...named(id, own)];
}

function named(step: string, gates: readonly GateDefinition[]): readonly string[] {
  return gates.filter((gate) => rulesOf(gate, []).length > 0).map(({ name }) => `${step}.${name}`);
}

function needed(steps: Steps, id: string, found: Set<string> = new Set()): ReadonlySet<string> {
  for (const need of needsOf(steps[id])) {
    if (found.has(need)) continue;
    found.add(need);
    needed(steps, need, found);
  }
  return found;
}

function needsOf(step: StepDefinition | undefined): readonly string[] {
  if (step?.needs === undefined) return [];
  return typeof step.needs === 'string' ? [step.needs] : step.needs;
}
