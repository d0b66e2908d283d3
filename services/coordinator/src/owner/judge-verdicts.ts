import type { Failure } from '@tutti/contracts';
import { isJsonObject, TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { GatePlan } from '../definition/plan.js';
import type { RunState, TaskState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';
import { taskId } from '../run/task-id.js';

type JudgedGate = Extract<GatePlan, { readonly type: 'agent' }>;
type CommandGate = Extract<GatePlan, { readonly type: 'command' }>;

export interface GateVerdict {
  readonly passed: boolean;
  readonly message: string;
  readonly evidence: JsonValue;
}

/** What the judges said, each with its agent and that agent's version, and what it comes to. */
export async function verdictOfJudges(values: ValueStore, state: RunState, gate: JudgedGate): Promise<GateVerdict> {
  const outputs = await outputsOf(values, state, gate.inner, gate.judges > 1);
  const verdicts = outputs.map(({ task, output }) => {
    const { passed, score = null, reason = '' } = output as { passed: boolean; score?: number; reason?: string };
    const isLow = gate.minScore !== null && (score === null || score < gate.minScore);
    const verdict = { judge: task?.agent ?? '', version: task?.agentVersion ?? '', passed: passed && !isLow, score, reason };
    return isLow ? { ...verdict, belowMinScore: gate.minScore } : verdict;
  });
  const inFavour = verdicts.filter(({ passed }) => passed).length;
  const needed = votesNeeded(gate.pass, verdicts.length);
  const passed = inFavour >= needed;
  const against = verdicts
    .filter((verdict) => !verdict.passed)
    .map(({ judge, reason }) => `${judge}: ${reason === '' ? 'no reason given' : reason}`);
  const count = `${inFavour} of ${verdicts.length} passed it, ${needed} needed`;
  return { passed, message: passed ? count : `${count}; ${against.join('; ')}`, evidence: { verdicts, needed } };
}

/** How the program ended. */
export async function verdictOfCommand(values: ValueStore, state: RunState, gate: CommandGate): Promise<GateVerdict> {
  const [first] = await outputsOf(values, state, gate.inner, false);
  const result = first?.output ?? {};
  const exitCode = result['exitCode'];
  const stderr = typeof result['stderr'] === 'string' ? result['stderr'].trim() : '';
  const passed = exitCode === 0;
  const said = stderr === '' ? '' : `: ${stderr.slice(-500)}`;
  const evidence = { ...result, worker: first?.task?.agent ?? '', version: first?.task?.agentVersion ?? '' };
  return { passed, message: passed ? 'the program exited with 0' : `the program exited with ${JSON.stringify(exitCode)}${said}`, evidence };
}

function votesNeeded(pass: JudgedGate['pass'], judges: number): number {
  if (typeof pass === 'number') return Math.min(pass, judges);
  if (pass === 'all') return judges;
  return pass === 'any' ? 1 : Math.floor(judges / 2) + 1;
}

/** Why there is no verdict; null when there is one to come to. */
export function lacksVerdict(state: RunState, gate: JudgedGate | CommandGate): Failure | null {
  const { status, error } = stepState(state, gate.inner);
  if (status === 'succeeded') return null;
  const { code = 'INTERNAL', message = 'see its events' } = error ?? {};
  return { code, message: `gate "${gate.name}" came to no verdict: ${message}` };
}

async function outputsOf(
  values: ValueStore,
  state: RunState,
  inner: string,
  isPanel: boolean,
): Promise<readonly { readonly task: TaskState | undefined; readonly output: JsonObject }[]> {
  const step = stepState(state, inner);
  if (step.output === null) throw new TuttiError('INTERNAL', `"${inner}" has no output to judge by`);
  const output = values.peek(step.output) ?? (await values.load(step.output));
  const list = (isPanel ? output : [output]) as readonly JsonValue[];
  return list.map((one, index) => ({
    task: state.tasks.get(taskId(inner, isPanel ? index : null, step.visit)),
    output: isJsonObject(one) ? one : {},
  }));
}
