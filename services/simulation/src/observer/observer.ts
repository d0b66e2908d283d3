import type { AgentTask } from '@tutti/agent-sdk';
import type { AttemptOutcome, AttemptRef, StartRunResponse, StoredValue, TaskChannel } from '@tutti/contracts';
import { findBrokenLink, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import type { EventLog } from '../disk/event-log.js';
import type { Promises, RunOrder } from '../workload/client.js';
import type { KnownRun } from '../workload/meddler.js';
import type { EffectWitness } from '../workload/simulated-agent.js';
import type { Life } from '../world/life.js';
import { shapeOf } from './definition-shape.js';
import { LimitAudit } from './limit-audit.js';
import { RunAudit } from './run-audit.js';

/** The rules that must hold whatever fails. A broken one is reported under its name. */
export type Invariant =
  | 'every acknowledged run ends'
  | 'what is due happens'
  | 'what was answered is durable'
  | 'no effect twice under one claim'
  | 'no effect without a claim'
  | 'the rules of a run hold'
  | 'no agent holds more than it may'
  | 'an irreversible step happens once'
  | 'limits hold'
  | 'an idempotency key names one run'
  | 'read models equal a rebuild'
  | 'hash chains are whole'
  | 'nothing fails in a way that nobody foresaw';

export interface Violation {
  readonly invariant: Invariant;
  readonly problem: string;
}

interface ObserverOptions {
  readonly oneOwner: boolean;
  /** What each agent of a worker may hold. */
  readonly seats: number;
  readonly now: () => number;
  /** How long an agent may seem to hold more than it may. */
  readonly toleranceMs: number;
  readonly trace: ((line: string) => void) | null;
}

/** Within this an attempt whose deadline has passed is ended. */
export const DEADLINE_BOUND_MS = 120_000;
/** Within this a task is tried again that may be: it waits for a seat and permits as every other does, of a rate until a clock that went back has come to its window again. */
const RETRY_BOUND_MS = 1_800_000;

/** Watches from outside: the durable log as it grows, what was promised to clients and workers, and what agents did to the world. */
export class Observer implements EffectWitness, Promises {
  readonly violations: Violation[] = [];
  readonly typeCounts = new Map<string, number>();
  readonly runs = new Map<string, RunAudit>();
  /** Runs that have not ended. */
  open = 0;
  /** Definitions by their names, from their authors. */
  readonly sources = new Map<string, string>();
  private readonly runOfKey = new Map<string, string>();
  private readonly acknowledged = new Set<string>();
  /** `worker run/task#attempt` of what owners have granted. */
  private readonly granted = new Set<string>();
  private readonly effects = new Set<string>();
  private readonly irreversibles = new Set<string>();
  private readonly limits: LimitAudit;
  private readonly overSince = new Map<string, number>();

  constructor(
    private readonly log: EventLog,
    private readonly options: ObserverOptions,
  ) {
    this.limits = new LimitAudit((problem) => this.report('limits hold', problem));
  }

  committed(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      this.typeCounts.set(event.type, (this.typeCounts.get(event.type) ?? 0) + 1);
      if (event.stream.startsWith('run-')) this.takeOfRun(event);
      this.limits.take(event);
    }
    this.checkCapacity();
  }

  /** What a workflow says, from its author and not from the log. */
  knows(workflow: string, source: string): void {
    this.sources.set(workflow, source);
  }

  /** Every run of the log, children too. */
  knownRuns(): readonly KnownRun[] {
    return [...this.runs].map(([runId, { workflow, ending }]) => ({ runId, workflow, ending }));
  }

  report(invariant: Invariant, problem: string): void {
    this.violations.push({ invariant, problem });
  }

  started(order: RunOrder, { runId, position }: StartRunResponse): void {
    this.acknowledged.add(runId);
    const first = this.log.stream(`run-${runId}`)[0];
    this.expect(
      'what was answered is durable',
      first?.type === 'RunStarted' && first.position <= position,
      `run ${runId} was answered at position ${position}, its start is ${first === undefined ? 'not there' : `at ${first.position}`}`,
    );
    if (order.key === '') return;
    const known = this.runOfKey.get(order.key);
    this.expect(
      'an idempotency key names one run',
      known === undefined || known === runId,
      `key ${order.key} named run ${known ?? ''} and run ${runId}`,
    );
    this.runOfKey.set(order.key, runId);
  }

  cancelled(runId: string): void {
    const audit = this.runs.get(runId);
    this.expect(
      'what was answered is durable',
      audit?.wasCancelled === true,
      `run ${runId} was answered to be cancelled and is ${audit?.ending ?? 'open'}`,
    );
  }

  refused({ workflow }: RunOrder, error: unknown): void {
    this.report('nothing fails in a way that nobody foresaw', `what a client asked of a run of ${workflow} was refused: ${String(error)}`);
  }

  decided(approvalId: string, payloadHash: string): void {
    const runId = approvalId.slice(0, approvalId.indexOf('.'));
    const found = this.log
      .stream(`run-${runId}`)
      .some(({ type, data }) => (type === 'ApprovalDecided' || type === 'ApprovalVoted') && isDecisionOn(data, approvalId, payloadHash));
    this.expect('what was answered is durable', found, `the decision on ${approvalId} was answered and is not there`);
  }

  /** Listens at the owner's end of the task channel. */
  listen(channel: TaskChannel): TaskChannel {
    return {
      announce: (worker) => {
        this.options.trace?.(`announcement of ${worker.worker}, holding ${worker.holding.map(keyOf).join(' ')}`);
        return channel.announce(worker);
      },
      beat: (worker, beat) => channel.beat(worker, beat),
      drain: (worker) => channel.drain(worker),
      depart: (worker) => channel.depart(worker),
      claim: async (worker, attempt) => {
        const answer = await channel.claim(worker, attempt);
        this.options.trace?.(`claim of ${keyOf(attempt)} by ${worker}: ${answer.verdict}`);
        if (answer.verdict === 'go') this.granted.add(keyOf(attempt));
        return answer;
      },
      report: async (worker, attempt, outcome) => {
        await channel.report(worker, attempt, outcome);
        this.reported(attempt, outcome);
      },
    };
  }

  effect(life: Life, { runId, taskId, attempt }: AgentTask): void {
    const key = keyOf({ runId, task: taskId, attempt });
    this.expect('no effect without a claim', this.granted.has(key), `${life.name} worked on ${key} without leave`);
    this.expect('no effect twice under one claim', !this.effects.has(key), `${life.name} worked on ${key} for the second time`);
    this.effects.add(key);
  }

  irreversible(life: Life, task: AgentTask, name: string): void {
    const key = `${task.runId}/${task.taskId} ${name}`;
    this.expect('an irreversible step happens once', !this.irreversibles.has(key), `${life.name} did ${key} again`);
    this.irreversibles.add(key);
  }

  hasHappened({ runId, taskId }: AgentTask, name: string): boolean {
    return this.irreversibles.has(`${runId}/${taskId} ${name}`);
  }

  /** @param wallMs the time of the machine whose clock is the furthest behind, with no fault under way since before the bounds */
  checkDue(wallMs: number): void {
    const bounds = { deadlinesMs: wallMs - DEADLINE_BOUND_MS, retriesMs: wallMs - RETRY_BOUND_MS };
    for (const [runId, audit] of this.runs)
      for (const problem of audit.overdue(bounds)) this.report('what is due happens', `run ${runId}: ${problem}`);
  }

  checkEnds(): void {
    for (const [runId, audit] of this.runs)
      this.expect(
        'every acknowledged run ends',
        audit.ending !== null || (!this.acknowledged.has(runId) && !audit.isChild),
        `run ${runId} did not end: ${audit.whatIsOpen()}`,
      );
    for (const runId of this.acknowledged)
      this.expect('what was answered is durable', this.runs.has(runId), `run ${runId} was acknowledged and is not there`);
  }

  checkChains(): void {
    for (const name of this.log.streamNames()) {
      const broken = findBrokenLink(this.log.stream(name));
      this.expect('hash chains are whole', broken === null, `stream ${name} is broken at revision ${broken ?? 0}`);
    }
  }

  private takeOfRun(event: RecordedEvent): void {
    const runId = event.metadata.correlationId;
    let audit = this.runs.get(runId);
    if (audit === undefined) {
      if (event.type !== 'RunStarted') return this.report('the rules of a run hold', `run ${runId} begins with ${event.type}`);
      const { workflow, block, definition } = event.data as unknown as StartOfRun;
      const complain = (problem: string): void => this.report('the rules of a run hold', `run ${runId}: ${problem}`);
      audit = new RunAudit(runId, event, shapeOf(sourceOf(definition) ?? this.sources.get(workflow) ?? '{"steps":{}}', block), complain);
      this.runs.set(runId, audit);
      this.open++;
    }
    const wasOpen = audit.ending === null;
    audit.take(event);
    const isOpen = audit.ending === null;
    if (wasOpen !== isOpen) this.open += isOpen ? 1 : -1;
  }

  /**
   * A seat that a task frees may be taken by another run whose append comes first, so the log may show one task too many for as long as the first append takes, or until the
   * result is handed over again. A lasting one is a fault.
   */
  private checkCapacity(): void {
    if (!this.options.oneOwner) return;
    const held = new Map<string, number>();
    for (const run of this.runs.values()) if (run.ending === null) run.countHeld(held);
    const now = this.options.now();
    for (const seat of this.overSince.keys()) if (!held.has(seat)) this.overSince.delete(seat);
    for (const [seat, count] of held) {
      const capacity = this.options.seats;
      if (count <= capacity) this.overSince.delete(seat);
      else if (!this.overSince.has(seat)) this.overSince.set(seat, now);
      const over = now - (this.overSince.get(seat) ?? now);
      this.expect(
        'no agent holds more than it may',
        over <= this.options.toleranceMs,
        `agent and worker ${seat} held ${count} tasks for ${Math.round(over)} ms; at most ${capacity}`,
      );
    }
  }

  /** Its result is in the log: as success, as failure, as superseded, or as a repeat of one of them. */
  private reported({ runId, task, attempt }: AttemptRef, { outcome }: AttemptOutcome): void {
    const found = this.log
      .stream(`run-${runId}`)
      .some(
        ({ type, data }) =>
          RESULTS.has(type) && (data as { task?: string }).task === task && (data as { attempt?: number }).attempt === attempt,
      );
    this.expect(
      'what was answered is durable',
      found,
      `the result (${outcome}) of ${keyOf({ runId, task, attempt })} was answered and is not there`,
    );
  }

  private expect(invariant: Invariant, holds: boolean, problem: string): void {
    if (!holds) this.report(invariant, problem);
  }
}

const RESULTS: ReadonlySet<string> = new Set(['TaskSucceeded', 'TaskAttemptFailed', 'TaskResultSuperseded']);

interface StartOfRun {
  readonly workflow: string;
  readonly block?: string;
  readonly definition?: StoredValue;
}

/** Of a run that follows a plan which another step made; null when it is too large to stand in the event. */
function sourceOf(definition: StoredValue | undefined): string | null {
  if (definition === undefined) return null;
  return 'inline' in definition ? JSON.stringify(definition.inline) : '{"steps":{}}';
}

function keyOf({ runId, task, attempt }: AttemptRef): string {
  return `${runId}/${task}#${attempt}`;
}

function isDecisionOn(data: JsonObject, approvalId: string, payloadHash: string): boolean {
  return data['approvalId'] === approvalId && data['payloadHash'] === payloadHash;
}
