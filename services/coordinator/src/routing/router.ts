import type { AgentProfile, AssignmentCandidate, TaskAssignment, TaskLimit, TaskPermit, WorkerAnnouncement } from '@tutti/contracts';
import { isoTime, type Runtime } from '@tutti/kernel';
import type { Permits } from '../limits/permits.js';
import { AgentRecord, type AttemptEnd } from './agent-record.js';
import type { BreakerOptions } from './circuit-breaker.js';
import { loadShare, refusalOf, type Host, type Seat } from './seat.js';
import { StickyKeys } from './sticky-keys.js';
import { describeScore, scoreOf, type RoutingView } from './strategies.js';
import type { TaskNeed } from './task-need.js';
import { WaitingTasks, type WaitingTask } from './waiting-tasks.js';

interface RouterParts {
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly permits: Pick<Permits, 'take' | 'exhausted' | 'isFree' | 'demand' | 'onFree'>;
  readonly breaker: BreakerOptions;
  /** Called when a waiting task has got a seat, and a permit of each of its limits. */
  readonly onSeat: (task: WaitingTask, assignment: TaskAssignment) => void;
}

/** What the router is asked for the candidates of. */
export type RoutingQuestion = Pick<TaskNeed, 'capability' | 'pinnedAgent'> & Partial<Pick<TaskNeed, 'routing'>>;

const MAX_RECORDED_CANDIDATES = 10;
const NO_SEATS: readonly Seat[] = [];

/**
 * Who takes which task. Binds late: a task gets a seat only when one is free and each of its limits has a permit, else it waits until a worker
 * comes, a seat or a permit is freed, or an agent is registered. Holds nothing durable: announcements and hot runs make it again.
 */
export class Router {
  private readonly hosts = new Map<string, Host>();
  private readonly byCapability = new Map<string, Seat[]>();
  private readonly records = new Map<string, AgentRecord>();
  private readonly sticky = new StickyKeys();
  private readonly waiting: WaitingTasks;
  private uses = 0;

  constructor(private readonly parts: RouterParts) {
    this.waiting = new WaitingTasks(parts.permits);
    parts.permits.onFree = (limit) => this.permitCame(limit);
  }

  /** @param held what each of its agents has in hand; counts only for a worker that is not known yet */
  announce({ worker, agents, draining = false }: WorkerAnnouncement, held: ReadonlyMap<string, number> = new Map()): void {
    const before = this.hosts.get(worker);
    const load = before === undefined ? held : new Map(before.seats.map((seat) => [seat.agent.name, seat.load]));
    this.remove(worker);
    const host: Host = { seats: [], draining };
    for (const agent of agents) {
      const record = this.record(agent.name);
      host.seats.push({ worker, agent, host, record, load: load.get(agent.name) ?? 0, lastUsed: 0 });
    }
    this.hosts.set(worker, host);
    for (const seat of host.seats) {
      for (const capability of seat.agent.capabilities) {
        const list = this.byCapability.get(capability);
        if (list === undefined) this.byCapability.set(capability, [seat]);
        else list.push(seat);
      }
    }
    for (const seat of host.seats) this.wake(seat);
  }

  drain(worker: string): void {
    const host = this.hosts.get(worker);
    if (host !== undefined) host.draining = true;
  }

  remove(worker: string): void {
    if (!this.hosts.delete(worker)) return;
    for (const [capability, seats] of this.byCapability) {
      const rest = seats.filter((seat) => seat.worker !== worker);
      if (rest.length === 0) this.byCapability.delete(capability);
      else this.byCapability.set(capability, rest);
    }
  }

  isPresent(worker: string): boolean {
    return this.hosts.has(worker);
  }

  /** Gives a deregistered or paused agent no more tasks. */
  retire(agent: string, why: 'deregistered' | 'paused' = 'deregistered'): void {
    this.record(agent).retired = why;
  }

  reinstate(agent: string): void {
    const record = this.record(agent);
    if (record.retired === null) return;
    record.retired = null;
    this.wakeAll(agent);
  }

  /** A seat for the task and a permit of each of its limits, taken at once; null when there is none, or others wait for the same. */
  tryAssign(need: TaskNeed): TaskAssignment | null {
    if (this.mustQueue(need)) return null;
    const view = this.view(need);
    const seat = this.bestSeat(need, view);
    return seat === null ? null : this.admit(seat, need, view);
  }

  /** Puts the task behind those that wait for the same. `onSeat` is called when its turn comes, at once if a seat came free since it was asked for. */
  wait(task: WaitingTask): void {
    this.waiting.add(task);
    this.fill(task);
  }

  cancelWait(runId: string, task: string): void {
    this.waiting.remove(runId, task);
  }

  /** Counts a task that its worker holds already. */
  occupy(worker: string, agent: string): void {
    const seat = this.seat(worker, agent);
    if (seat !== undefined) seat.load++;
  }

  /** The agent has the key already, by an assignment that this router did not make. */
  recall({ capability, routing }: Pick<TaskNeed, 'capability' | 'routing'>, worker: string, agent: string): void {
    if (routing?.strategy === 'sticky' && routing.key !== null) this.sticky.remember(capability, routing.key, { worker, agent });
  }

  /** @param end what became of it; null when it was taken back */
  release(worker: string, agent: string, end: AttemptEnd | null = null): void {
    const seat = this.seat(worker, agent);
    if (seat !== undefined) seat.load = Math.max(0, seat.load - 1);
    const record = seat?.record ?? this.records.get(agent);
    if (record === undefined) return;
    const nowMs = this.parts.runtime.clock.monotonic();
    const wasRefused = record.breaker.refusal(nowMs) !== null;
    if (end === null) record.breaker.takenBack();
    else this.learn(record, end, worker);
    // On every worker, and later: the run that told of it is still being decided.
    if (wasRefused && record.breaker.refusal(nowMs) === null) this.parts.runtime.timers.soon(() => this.wakeAll(agent));
  }

  /** Hands what is free to those that wait. Separate from {@link release}, so that a run's next step may take the seat of its last in the same append. */
  wakeAgent(worker: string, agent: string): void {
    const seat = this.seat(worker, agent);
    if (seat !== undefined) this.wake(seat);
  }

  waitingCount(): number {
    return this.waiting.size;
  }

  /** Every seat that could be asked for the capability, best first, each with why or why not. */
  candidates(need: RoutingQuestion): readonly AssignmentCandidate[] {
    return this.describeAll(need, this.view(need));
  }

  private describeAll({ capability, pinnedAgent }: RoutingQuestion, view: RoutingView): AssignmentCandidate[] {
    const seats = this.byCapability.get(capability) ?? NO_SEATS;
    const all = seats.map((seat) => this.describe(seat, pinnedAgent, view));
    return all.length === 1 ? all : all.sort((a, b) => (a.score ?? Infinity) - (b.score ?? Infinity));
  }

  private describe(seat: Seat, pinnedAgent: string | null, view: RoutingView): AssignmentCandidate {
    const refusal = refusalOf(seat, pinnedAgent, view.nowMs);
    return {
      agent: seat.agent.name,
      worker: seat.worker,
      load: seat.load,
      capacity: seat.agent.limits.concurrency,
      score: refusal === null ? scoreOf(seat, view) : null,
      reason: refusal ?? describeScore(seat, view),
    };
  }

  /** A task that is as urgent as one that could go now waits behind it. */
  private mustQueue({ capability, pinnedAgent, priority }: TaskNeed): boolean {
    if (this.waiting.size === 0) return false;
    const first = this.waiting.first(capability, pinnedAgent);
    return first !== undefined && first.priority <= priority;
  }

  private view({ capability, routing = null }: RoutingQuestion): RoutingView {
    const strategy = routing?.strategy ?? 'least-loaded';
    const sticky = strategy === 'sticky' && routing?.key != null ? this.sticky.find(capability, routing.key) : null;
    return { strategy, sticky, nowMs: this.parts.runtime.clock.monotonic() };
  }

  private bestSeat({ capability, pinnedAgent }: RoutingQuestion, view: RoutingView): Seat | null {
    const seats = this.byCapability.get(capability) ?? NO_SEATS;
    let best: Seat | null = null;
    let bestScore = Infinity;
    for (const seat of seats) {
      if (refusalOf(seat, pinnedAgent, view.nowMs) !== null) continue;
      if (seats.length === 1) return seat;
      const score = scoreOf(seat, view);
      if (best === null || score < bestScore || (score === bestScore && isLessUsed(seat, best))) {
        best = seat;
        bestScore = score;
      }
    }
    return best;
  }

  private admit(seat: Seat, need: TaskNeed, view: RoutingView): TaskAssignment | null {
    if (need.limits.length === 0) return this.take(seat, need, view);
    const permits = this.parts.permits.take(need.limits);
    return permits === null ? null : this.take(seat, need, view, permits);
  }

  private take(seat: Seat, need: TaskNeed, view: RoutingView, permits?: readonly TaskPermit[]): TaskAssignment {
    const { worker, agent } = seat;
    const all = this.describeAll(need, view);
    const rank = all.length === 1 ? 'the only one with the capability' : `the best of ${all.length} with the capability`;
    const assignment: TaskAssignment = {
      worker,
      agent: agent.name,
      agentVersion: agent.version,
      deadlineAt: this.deadline(agent, need.timeoutMs),
      reason: `${view.strategy}: ${rank}, ${describeScore(seat, view)}`,
      candidates: all.length > MAX_RECORDED_CANDIDATES ? all.slice(0, MAX_RECORDED_CANDIDATES) : all,
    };
    seat.load++;
    seat.lastUsed = ++this.uses;
    seat.record.breaker.assigned();
    if (need.routing !== null) this.recall(need, worker, agent.name);
    return permits === undefined ? assignment : { ...assignment, permits };
  }

  private deadline(agent: AgentProfile, timeoutMs: number | null): string | null {
    const own = agent.limits.timeoutMs;
    const limitMs = timeoutMs === null ? own : own > 0 ? Math.min(timeoutMs, own) : timeoutMs;
    return limitMs > 0 ? isoTime(this.parts.runtime.clock.now() + limitMs) : null;
  }

  private learn(record: AgentRecord, end: AttemptEnd, worker: string): void {
    const nowMs = this.parts.runtime.clock.monotonic();
    record.note(end, nowMs);
    if (end.kind === 'succeeded') return record.breaker.succeeded();
    const openUntilMs = record.breaker.failed(end, worker, nowMs);
    if (openUntilMs !== null) this.wakeAfter(record.name, openUntilMs);
  }

  /** A timer may fire a little early, when the breaker still refuses. */
  private wakeAfter(agent: string, atMs: number): void {
    const { clock, timers } = this.parts.runtime;
    const leftMs = atMs - clock.monotonic();
    if (leftMs <= 0) this.wakeAll(agent);
    else timers.after(leftMs, () => this.wakeAfter(agent, atMs));
  }

  private permitCame(limit: TaskLimit): void {
    for (const queue of this.waiting.freed(limit)) this.fill(queue);
  }

  /** Seats those that wait for this capability and agent, as long as there are seats. */
  private fill({ capability, pinnedAgent }: Pick<TaskNeed, 'capability' | 'pinnedAgent'>): void {
    for (let task = this.waiting.first(capability, pinnedAgent); task !== undefined; task = this.waiting.first(capability, pinnedAgent)) {
      if (!this.seatWaiting(task)) return;
    }
  }

  /** Gives the seat to the most urgent of those that it could serve, as long as it is free. */
  private wake(seat: Seat): void {
    while (this.waiting.size > 0 && refusalOf(seat, null, this.parts.runtime.clock.monotonic()) === null) {
      let first: TaskNeed | undefined;
      for (const capability of seat.agent.capabilities) {
        for (const pinned of [seat.agent.name, null]) {
          const task = this.waiting.first(capability, pinned);
          if (task !== undefined && (first === undefined || task.priority < first.priority)) first = task;
        }
      }
      if (first === undefined || !this.seatWaiting(first)) return;
    }
  }

  private seatWaiting(task: TaskNeed): boolean {
    const view = this.view(task);
    const seat = this.bestSeat(task, view);
    const assignment = seat === null ? null : this.admit(seat, task, view);
    if (assignment === null) return false;
    this.waiting.remove(task.runId, task.task);
    this.parts.onSeat(task, assignment);
    return true;
  }

  private wakeAll(agent: string): void {
    for (const host of this.hosts.values()) for (const seat of host.seats) if (seat.agent.name === agent) this.wake(seat);
  }

  private record(agent: string): AgentRecord {
    let record = this.records.get(agent);
    if (record === undefined) this.records.set(agent, (record = new AgentRecord(agent, this.parts.breaker)));
    return record;
  }

  private seat(worker: string, agent: string): Seat | undefined {
    return this.hosts.get(worker)?.seats.find((seat) => seat.agent.name === agent);
  }
}

function isLessUsed(seat: Seat, than: Seat): boolean {
  const difference = loadShare(seat) - loadShare(than);
  return difference < 0 || (difference === 0 && seat.lastUsed < than.lastUsed);
}
