import { describe, expect, it } from '@jest/globals';
import type { RunEvent, RunEventType, TaskAssignment } from '@tutti/contracts';
import { seededRandom } from '@tutti/kernel/testing';
import { compileDefinition } from '../definition/compile-definition.js';
import { findStep, type Plan, type StepPlan } from '../definition/plan.js';
import type { Resolution, RunCommand, RunRequest } from './run.commands.js';
import { createRunDecider } from './run.decider.js';
import { nextAttempt } from './run.tasks.js';
import { evolveRun } from './run.evolve.js';
import { needsEnded, openRequests } from './run.progress.js';
import { untakenFor } from './run.signals.js';
import { initialRunState, isOpen, type RunState, type TaskState } from './run.state.js';
import { stepState } from './run.step-state.js';
import { workNow } from './run.work-plan.js';

type Pick = <T>(values: readonly T[]) => T;
const HASH = 'a'.repeat(64);
/** What a paused run does not record. */
const GOES_ON: ReadonlySet<string> = new Set<RunEventType>([
  ...(['FanOutStarted', 'FanOutJoined', 'TaskScheduled', 'TaskAssigned', 'ApprovalRequested'] as const),
  ...(['StepSkipped', 'StepSucceeded', 'RunSucceeded', 'RunFailed'] as const),
  ...(['TimerStarted', 'SignalAwaited', 'EventAwaited', 'SignalsPassed', 'RepetitionDecided', 'ChildRunStarted'] as const),
]);

/** Plays one run of a random workflow with random results, failures and losses; gives its events. */
class Play {
  readonly events: RunEvent[] = [];
  readonly plan: Plan;
  state: RunState;
  private now = 0;
  private children = 0;
  private readonly decider;

  constructor(private readonly random: () => number) {
    this.plan = randomPlan(random, this.pick);
    this.decider = createRunDecider(this.plan);
    this.state = this.decider.initialState();
  }

  private readonly pick: Pick = (values) => values[Math.floor(this.random() * values.length)] as (typeof values)[number];

  run(): void {
    const inputs = { inline: {} };
    const request = {
      workflow: 'wf',
      workflowVersion: 1,
      definitionHash: HASH,
      labels: {},
      idempotencyKey: null,
      requestHash: HASH,
      actor: 'user:t',
    };
    this.send({ type: 'StartRun', runId: 'r', inputs, ...request });
    for (let turn = 0; isOpen(this.state); turn++) {
      if (turn > 5_000) throw new Error(`the run does not end: ${JSON.stringify(this.events.slice(-10))}`);
      this.holdOrGoOn();
      this.follow();
      this.happen();
      this.now += 1_000;
    }
  }

  private holdOrGoOn(): void {
    const person = { actor: 'user:t', reason: '' };
    if (this.state.status === 'running' && this.random() < 0.05) this.send({ type: 'PauseRun', ...person });
    else if (this.state.status === 'paused' && this.random() < 0.3) this.send({ type: 'ResumeRun', ...person });
  }

  private follow(): void {
    for (let turn = 0; turn < 5_000; turn++) {
      if (this.send({ type: 'Advance', resolution: null }) > 0) continue;
      const requests = openRequests(this.plan, this.state, this.now, 64, () => false);
      if (requests.length === 0) return;
      // All are answered on the state as it was, as the owner does.
      const resolutions = requests.map((request) => this.resolve(request));
      for (const resolution of resolutions) this.send({ type: 'Advance', resolution });
    }
    throw new Error('the run does not settle');
  }

  private happen(): void {
    if (!isOpen(this.state)) return;
    this.sayToRun();
    const task = this.pick([...this.state.openTasks]);
    const approval = [...this.state.approvals.values()].find(({ status }) => status === 'pending');
    if (approval !== undefined && (this.state.openTasks.size === 0 || this.random() < 0.5)) {
      this.send({
        type: 'DecideApproval',
        approvalId: approval.id,
        approved: this.random() < 0.7,
        payloadHash: HASH,
        actor: 'user:t',
        reason: '',
      });
      return;
    }
    if (this.state.openTasks.size === 0) return;
    if (task.status === 'begun') return this.happenToWork(task);
    const attempt = nextAttempt(task);
    if (attempt !== null) this.send({ type: 'AssignTask', task: task.id, attempt, assignment: assignment(this.now) });
    const chance = this.random();
    if (chance < 0.6) {
      const outcome = { outcome: 'succeeded', output: { inline: 1 }, durationMs: 1 } as const;
      for (let repeat = 0; repeat < 2; repeat++) this.send({ type: 'RecordResult', task: task.id, attempt: task.attempt, outcome });
    } else if (chance < 0.75) {
      const outcome = { outcome: 'failed', error: { code: 'X', message: 'x', retryable: this.random() < 0.8 }, durationMs: 1 } as const;
      const { attempt: failing } = task;
      this.send({ type: 'RecordResult', task: task.id, attempt: failing, outcome });
      expect(this.send({ type: 'RecordResult', task: task.id, attempt: failing, outcome })).toBe(0);
    } else if (chance < 0.85) this.send({ type: 'LoseAttempt', task: task.id, attempt: task.attempt, reason: 'gone', maxLost: 50 });
    else if (chance < 0.99) this.send({ type: 'Tick' });
    else this.send({ type: 'CancelRun', actor: 'user:t', reason: '' });
  }

  /** What people say to it, whatever it does. Ids come again now and then. */
  private sayToRun(): void {
    const actor = 'user:t';
    if (this.random() < 0.1) this.send({ type: 'SetVariables', values: { x: { inline: 1 } }, actor, reason: '' });
    if (this.random() > 0.2) return;
    const signal = {
      type: 'SignalRun',
      signalId: `s${Math.floor(this.random() * 20)}`,
      name: 'go',
      payload: { inline: 1 },
      actor,
    } as const;
    const isKnown = this.state.signals.known.has(signal.signalId);
    expect(this.send(signal)).toBe(isKnown ? 0 : 1);
    expect(this.send(signal)).toBe(0);
  }

  private happenToWork({ id: task, attempt, work }: TaskState): void {
    if (work.kind === 'event' && this.random() < 0.3) {
      const taken = { type: 'TakeEvent', task, attempt, eventId: 'e', output: { inline: 1 } } as const;
      expect([this.send(taken), this.send(taken)]).toEqual([1, 0]);
    } else if (work.kind === 'event' && this.random() < 0.1) {
      this.send({ type: 'FailWait', task, attempt, error: { code: 'EXPRESSION_FAILED', message: 'no' } });
    } else if (work.kind === 'child' && this.random() < 0.4) {
      const { runId } = work.started;
      const outcome =
        this.random() < 0.6
          ? ({ outcome: 'succeeded', output: { inline: 1 } } as const)
          : ({ outcome: 'failed', error: { code: 'X', message: 'x' }, retryable: this.random() < 0.8 } as const);
      const end = { type: 'RecordChildEnd', task, attempt, runId, outcome } as const;
      // Of another attempt's child, and once more: nothing.
      expect([this.send({ ...end, runId: 'another' }), this.send(end), this.send(end)]).toEqual([0, 1, 0]);
    } else this.send({ type: 'Tick' });
  }

  private resolve(request: RunRequest): Resolution {
    switch (request.kind) {
      case 'start': {
        const { step } = request;
        if (this.random() < 0.15) return { kind: 'skip', step, message: 'no' };
        if (this.random() < 0.05) return { kind: 'step-failed', step, error: { code: 'EXPRESSION_FAILED', message: 'no' } };
        if (this.plan.steps.get(step)?.forEach != null && stepState(this.state, step).caught === null)
          return { kind: 'fan-out', step, items: { inline: [] }, count: this.pick([0, 1, 3, 5]) };
        return this.unit(step, null);
      }
      case 'child':
        return this.unit(request.step, request.index);
      case 'join':
        return { kind: 'joined', step: request.step, output: { inline: [] } };
      case 'gate': {
        const { step, gate } = request;
        if (this.plan.steps.get(step)?.gates[gate]?.type === 'approval') {
          return { kind: 'approval', step, gate, title: 't', payload: { inline: 1 }, payloadHash: HASH };
        }
        return { kind: 'gate', step, gate, passed: this.random() < 0.5, message: 'm', evidence: null };
      }
      case 'reassign':
        return { kind: 'assigned', task: request.task, assignment: assignment(this.now) };
      case 'until': {
        const { iteration } = stepState(this.state, request.step);
        if (iteration >= 3) return { kind: 'step-failed', step: request.step, error: { code: 'REPEAT_EXHAUSTED', message: 'no' } };
        return { kind: 'until', step: request.step, done: this.random() < 0.4, delayMs: this.pick([0, 1_500]) };
      }
      case 'take-signal': {
        const task = this.state.tasks.get(request.task) as TaskState;
        const [first, ...more] = untakenFor(this.state, task);
        const taken = first !== undefined && this.random() < 0.7 ? first : null;
        return {
          kind: 'signal',
          step: request.step,
          task: task.id,
          attempt: task.attempt,
          taken,
          through: (more.at(-1) ?? first)?.order ?? 0,
        };
      }
      case 'again': {
        const task = this.state.tasks.get(request.task) as TaskState;
        const begun = this.unit(request.step, task.index, task.branch);
        return begun.kind === 'begin' ? { ...begun, attempt: task.attempt + 1 } : begun;
      }
      case 'outputs':
        return { kind: 'outputs', outputs: { inline: {} } };
    }
  }

  private unit(id: string, index: number | null, known: string | null = null): Resolution {
    const step = findStep(this.plan, id) as StepPlan;
    const now = stepState(this.state, id);
    const branch = step.body.kind === 'switch' && now.caught === null ? (known ?? this.pick(['a', 'b', 'none'])) : null;
    const work = workNow(step, now, branch);
    if (work === null) return { kind: 'step-failed', step: id, error: { code: 'NO_CASE', message: 'no' } };
    const deadlineMs = work.timeoutMs === null ? null : this.now + work.timeoutMs;
    const begin = { kind: 'begin', step: id, index, branch, deadlineMs } as const;
    switch (work.kind) {
      case 'task':
        return { kind: 'task', step: id, index, ...(branch === null ? {} : { branch }), input: { inline: null }, assignment: this.seat() };
      case 'sleep':
        return { ...begin, deadlineMs: this.now + 1_500, begins: { kind: 'timer' } };
      case 'set':
        return { kind: 'set', step: id, values: { x: { inline: 2 } }, output: { inline: { x: 2 } } };
      case 'wait': {
        const { awaited } = work;
        if (awaited.kind === 'signal') return { ...begin, begins: { kind: 'signal', name: awaited.name } };
        return { ...begin, begins: { kind: 'event', eventType: awaited.eventType, source: awaited.source, after: 0 } };
      }
      case 'child': {
        const runId = `r~${this.children++}`;
        const started = { runId, workflow: 'other', workflowVersion: 1, definitionHash: HASH, inputs: { inline: {} }, detached: false };
        return { ...begin, begins: { kind: 'child', started } };
      }
    }
  }

  private seat(): TaskAssignment | null {
    return this.random() < 0.5 ? null : assignment(this.now);
  }

  private send(command: RunCommand extends infer C ? (C extends RunCommand ? Omit<C, 'nowMs' | 'random'> : never) : never): number {
    const events = this.decider.decide({ ...command, nowMs: this.now, random: this.random() }, this.state);
    for (const event of events) {
      if (this.state.status === 'paused' && GOES_ON.has(event.type)) throw new Error(`${event.type} while the run is paused`);
      if (event.type === 'TaskScheduled' && event.data.index === null) this.expectReady(event.data.step);
      if (event.type === 'FanOutStarted') this.expectReady(event.data.step);
      this.events.push(event);
      this.state = this.decider.evolve(this.state, event);
    }
    return events.length;
  }

  private expectReady(id: string): void {
    const step = this.plan.steps.get(id);
    if (step === undefined || !needsEnded(step, this.state)) throw new Error(`step ${id} starts before its needs have ended`);
  }
}

const AGENT_BODY = { capability: 'work', timeout: '2s', retry: { maxAttempts: 2, initialInterval: '1s' } };
const BODIES: readonly object[] = [
  { sleep: '1500ms' },
  { wait: { signal: 'go' }, timeout: '30s' },
  { wait: { event: 'paid' }, timeout: '30s' },
  { set: { x: 2 } },
  { workflow: 'other', timeout: '5s', retry: { maxAttempts: 2, initialInterval: '1s' } },
  { switch: '${{ inputs.kind }}', cases: { a: AGENT_BODY, b: { wait: { signal: 'go' }, timeout: '30s' } } },
];

function randomPlan(random: () => number, pick: Pick): Plan {
  const steps: Record<string, object> = {};
  const count = 1 + Math.floor(random() * 6);
  for (let index = 0; index < count; index++) {
    const needs = Object.keys(steps).filter(() => random() < 0.4);
    const onFail = pick([
      { action: 'fail' },
      { action: 'retry', maxAttempts: 2 },
      { action: 'goto', step: needs[0] ?? `s${index}`, maxVisits: 2 },
    ]);
    const gate = pick([
      { name: 'g', type: 'expression', expression: '${{ output }}', onFail },
      { name: 'g', type: 'approval', title: 'ok?', onFail },
    ]);
    const body = random() < 0.4 ? AGENT_BODY : pick(BODIES);
    steps[`s${index}`] = {
      ...body,
      needs,
      ...(random() < 0.2 ? { if: '${{ always() }}' } : {}),
      ...(random() < 0.3 && !('set' in body) ? { forEach: { items: '${{ inputs.list }}', concurrency: 2 } } : {}),
      ...(random() < 0.2 ? { repeat: { until: '${{ output }}', maxTimes: 3 } } : {}),
      ...(random() < 0.2 ? { catch: [pick(BODIES.slice(0, 3))] } : {}),
      ...(random() < 0.5 ? { gates: [gate] } : {}),
    };
  }
  const compiled = compileDefinition(JSON.stringify({ name: 'wf', steps }));
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return { ...compiled.plan, version: 1 };
}

function assignment(nowMs: number): TaskAssignment {
  return { worker: 'w', agent: 'a', agentVersion: '1', deadlineAt: new Date(nowMs + 2_000).toISOString(), reason: '', candidates: [] };
}

/** What the verbs record, each of which some run must have come to. */
const VERBS: readonly RunEventType[] = [
  ...(['TimerStarted', 'ChildRunStarted', 'SignalAwaited', 'SignalReceived', 'SignalsPassed', 'EventAwaited'] as const),
  ...(['RepetitionDecided', 'VariablesSet', 'StepCaught'] as const),
];

/** A signal is one wait's, and in the order of coming. */
function expectTakenOnce(events: readonly RunEvent[]): void {
  const received = events.flatMap((event) => (event.type === 'SignalReceived' ? [event.data.signalId] : []));
  const taken = events.flatMap((event) => (event.type === 'TaskSucceeded' ? [event.data.takenFrom ?? 'e'] : [])).filter((id) => id !== 'e');
  expect(new Set(taken).size).toBe(taken.length);
  expect(received).toEqual(expect.arrayContaining(taken));
}

describe('a run of any workflow', () => {
  it.each([1, 2, 3, 4])(
    'ends, starts nothing early or while it is paused, succeeds each task once, and folds to what it was (seed %i)',
    (seed) => {
      const source = seededRandom(seed);
      let pauses = 0;
      const types = new Set<RunEventType>();
      for (let round = 0; round < 250; round++) {
        const play = new Play(() => source.next());
        play.run();
        const ended = play.events.filter(({ type }) => type === 'RunSucceeded' || type === 'RunFailed' || type === 'RunCancelled');
        expect(ended).toHaveLength(1);
        pauses += play.events.filter(({ type }) => type === 'RunPaused').length;
        expect([play.state.openTasks.size, [...play.state.approvals.values()].filter(({ status }) => status === 'pending').length]).toEqual(
          [0, 0],
        );
        const succeeded = play.events.flatMap((event) =>
          event.type === 'TaskSucceeded' ? [`${event.data.task}#${event.data.attempt}`] : [],
        );
        expect(new Set(succeeded).size).toBe(succeeded.length);
        expectTakenOnce(play.events);
        for (const { type } of play.events) types.add(type);
        const folded = (JSON.parse(JSON.stringify(play.events)) as RunEvent[]).reduce(evolveRun, initialRunState());
        // Looking at a step makes its pending state.
        for (const id of play.plan.steps.keys()) [folded, play.state].forEach((state) => stepState(state, id));
        const inOrder = (state: RunState): unknown => ({ ...state, steps: new Map([...state.steps].sort()) });
        expect(inOrder(folded)).toEqual(inOrder(play.state));
      }
      expect(pauses).toBeGreaterThan(50);
      expect([...types]).toEqual(expect.arrayContaining([...VERBS]));
    },
  );
});
