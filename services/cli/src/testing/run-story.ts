import { hashJson, type JsonValue } from '@tutti/kernel';
import type { RunEvent } from '@tutti/contracts';
import type { FeedEvent } from '@tutti/rest-contract';

const START = Date.UTC(2026, 0, 1, 12, 0, 0);
const HASH = 'a'.repeat(64);

type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>['data'];

/** Builds a run's recorded events one after another, a second apart. */
export function runStory(runId = 'run1') {
  const events: FeedEvent[] = [];
  let seconds = 0;
  const add = <Type extends RunEvent['type']>(type: Type, data: DataOf<Type>) => {
    const revision = events.length;
    // Positions have gaps: other streams are written between.
    const position = 10 + revision * 3;
    events.push({
      id: `e${position}`,
      type,
      stream: `run-${runId}`,
      revision,
      position,
      time: new Date(START + seconds * 1000).toISOString(),
      data,
    });
    seconds += 1;
    return story;
  };
  const assignment = (agent: string) => ({
    worker: 'w1',
    agent,
    agentVersion: '1',
    deadlineAt: null,
    reason: 'least load',
    candidates: [],
  });
  const story = {
    events,
    add,
    started: (workflow = 'demo') =>
      add('RunStarted', {
        runId,
        workflow,
        workflowVersion: 1,
        definitionHash: HASH,
        inputs: { inline: {} },
        labels: {},
        idempotencyKey: null,
        requestHash: HASH,
        startedBy: 'user:ann',
      }),
    scheduled: (step: string, options: { readonly index?: number; readonly agent?: string | null; readonly attempt?: number } = {}) =>
      add('TaskScheduled', {
        task: options.index === undefined ? step : `${step}[${options.index}]`,
        step,
        index: options.index ?? null,
        capability: 'demo.work',
        pinnedAgent: null,
        input: { inline: {} },
        timeoutMs: null,
        feedback: [],
        attempt: options.attempt ?? 1,
        assignment: options.agent === null ? null : assignment(options.agent ?? 'worker-bee'),
      }),
    assigned: (task: string, agent = 'worker-bee', attempt = 1) =>
      add('TaskAssigned', { task, step: task.replace(/\[.*/, ''), capability: 'demo.work', attempt, assignment: assignment(agent) }),
    taskDone: (task: string, attempt = 1) => add('TaskSucceeded', { task, attempt, output: { inline: {} }, durationMs: 1_000 }),
    attemptFailed: (task: string, retryAt: string | null, attempt = 1) =>
      add('TaskAttemptFailed', {
        task,
        attempt,
        cause: 'error',
        error: { code: 'AGENT_FAILED', message: 'no luck' },
        worker: 'w1',
        retryAt,
        feedback: [],
      }),
    gate: (step: string, gate: string, passed: boolean, message = '') =>
      add('GateEvaluated', { step, gate, gateType: 'expression', passed, message, evidence: null, action: passed ? 'continue' : 'goto' }),
    asks: (step: string, approvalId: string, payload: JsonValue = { plan: 'build it' }, title = 'Is the plan right?') =>
      add('ApprovalRequested', { approvalId, step, gate: 'sign-off', title, payload: { inline: payload }, payloadHash: hashJson(payload) }),
    decided: (approvalId: string, approved: boolean) =>
      add('ApprovalDecided', {
        approvalId,
        approved,
        payloadHash: HASH,
        decidedBy: 'user:ann',
        decidedAt: new Date(START).toISOString(),
        reason: '',
      }),
    stepDone: (step: string) => add('StepSucceeded', { step }),
    stepFailed: (step: string, message = 'no luck') => add('StepFailed', { step, error: { code: 'AGENT_FAILED', message } }),
    runDone: (outputs: JsonValue = {}) => add('RunSucceeded', { outputs: { inline: outputs } }),
    runFailed: (message = 'no luck', step: string | null = null) => add('RunFailed', { error: { code: 'AGENT_FAILED', message }, step }),
  };
  return story;
}

/** A run of one step that ended well. */
export function wholeRun(runId = 'run1'): ReturnType<typeof runStory> {
  return runStory(runId).started().scheduled('plan').taskDone('plan').stepDone('plan').runDone();
}
