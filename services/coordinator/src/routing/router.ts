import type { AgentProfile, AssignmentCandidate, TaskAssignment, WorkerAnnouncement } from '@tutti/contracts';
import { isoTime, type Clock } from '@tutti/kernel';
import type { TaskNeed } from './task-need.js';
import { WaitingTasks, type WaitingTask } from './waiting-tasks.js';

/** One agent on one worker. */
interface Seat {
  readonly worker: string;
  readonly agent: AgentProfile;
  load: number;
  /** Counts assignments over all seats; the smallest was used longest ago. */
  lastUsed: number;
}

interface Host {
  readonly seats: readonly Seat[];
  draining: boolean;
}

const MAX_RECORDED_CANDIDATES = 10;

/**
 * Who takes which task. Binds late: a task gets a seat only when one is free, the least loaded first, else it waits until a worker comes, a
 * seat is freed or an agent is registered. Holds nothing durable: announcements and hot runs make it again.
 */
export class Router {
  private readonly hosts = new Map<string, Host>();
  private readonly byCapability = new Map<string, Seat[]>();
  private readonly retired = new Set<string>();
  private readonly waiting = new WaitingTasks();
  private uses = 0;

  /** @param onSeat called when a waiting task has got a seat; false gives the seat back */
  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly onSeat: (task: WaitingTask, assignment: TaskAssignment) => void,
  ) {}

  /** @param held what each of its agents has in hand; counts only for a worker that is not known yet */
  announce({ worker, agents, draining = false }: WorkerAnnouncement, held: ReadonlyMap<string, number> = new Map()): void {
    const before = this.hosts.get(worker);
    const load = before === undefined ? held : new Map(before.seats.map((seat) => [seat.agent.name, seat.load]));
    this.remove(worker);
    const seats = agents.map((agent) => ({ worker, agent, load: load.get(agent.name) ?? 0, lastUsed: 0 }));
    this.hosts.set(worker, { seats, draining });
    for (const seat of seats) {
      for (const capability of seat.agent.capabilities) {
        const list = this.byCapability.get(capability);
        if (list === undefined) this.byCapability.set(capability, [seat]);
        else list.push(seat);
      }
    }
    for (const seat of seats) this.wake(seat);
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

  /** Gives a deregistered agent no more tasks. */
  retire(agent: string): void {
    this.retired.add(agent);
  }

  reinstate(agent: string): void {
    if (!this.retired.delete(agent)) return;
    for (const host of this.hosts.values()) for (const seat of host.seats) if (seat.agent.name === agent) this.wake(seat);
  }

  /** A seat for the task, taken at once; null when none is free or others wait for the same. */
  tryAssign(need: TaskNeed): TaskAssignment | null {
    if (this.waiting.has(need.capability, need.pinnedAgent)) return null;
    const seat = this.bestSeat(need);
    return seat === null ? null : this.take(seat, need);
  }

  /** Puts the task behind those that wait for the same. `onSeat` is called when its turn comes, at once if a seat came free since it was asked for. */
  wait(task: WaitingTask): void {
    this.waiting.add(task);
    const seat = this.bestSeat(task);
    if (seat !== null) this.wake(seat);
  }

  cancelWait(runId: string, task: string): void {
    this.waiting.remove(runId, task);
  }

  /** Counts a task that its worker holds already. */
  occupy(worker: string, agent: string): void {
    const seat = this.seat(worker, agent);
    if (seat !== undefined) seat.load++;
  }

  release(worker: string, agent: string): void {
    const seat = this.seat(worker, agent);
    if (seat === undefined) return;
    seat.load = Math.max(0, seat.load - 1);
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
  candidates(need: Pick<TaskNeed, 'capability' | 'pinnedAgent'>): readonly AssignmentCandidate[] {
    const seats = this.byCapability.get(need.capability) ?? [];
    return seats.map((seat) => this.describe(seat, need.pinnedAgent)).sort((a, b) => (a.score ?? Infinity) - (b.score ?? Infinity));
  }

  private bestSeat({ capability, pinnedAgent }: Pick<TaskNeed, 'capability' | 'pinnedAgent'>): Seat | null {
    let best: Seat | null = null;
    for (const seat of this.byCapability.get(capability) ?? []) {
      if (this.refusal(seat, pinnedAgent) !== null) continue;
      if (best === null || score(seat) < score(best) || (score(seat) === score(best) && seat.lastUsed < best.lastUsed)) best = seat;
    }
    return best;
  }

  private take(seat: Seat, need: TaskNeed): TaskAssignment {
    const all = this.candidates(need);
    const others = all.length === 1 ? 'the only one with the capability' : `the least loaded of ${all.length} with the capability`;
    const assignment: TaskAssignment = {
      worker: seat.worker,
      agent: seat.agent.name,
      agentVersion: seat.agent.version,
      deadlineAt: this.deadline(seat.agent, need.timeoutMs),
      reason: `${others}: ${seat.load} of ${seat.agent.limits.concurrency} in hand`,
      candidates: all.slice(0, MAX_RECORDED_CANDIDATES),
    };
    seat.load++;
    seat.lastUsed = ++this.uses;
    return assignment;
  }

  private deadline(agent: AgentProfile, timeoutMs: number | null): string | null {
    const limits = [timeoutMs ?? 0, agent.limits.timeoutMs].filter((limit) => limit > 0);
    return limits.length === 0 ? null : isoTime(this.clock.now() + Math.min(...limits));
  }

  private describe(seat: Seat, pinnedAgent: string | null): AssignmentCandidate {
    const refusal = this.refusal(seat, pinnedAgent);
    return {
      agent: seat.agent.name,
      worker: seat.worker,
      load: seat.load,
      capacity: seat.agent.limits.concurrency,
      score: refusal === null ? score(seat) : null,
      reason: refusal ?? `${seat.load} of ${seat.agent.limits.concurrency} in hand`,
    };
  }

  private refusal(seat: Seat, pinnedAgent: string | null): string | null {
    if (pinnedAgent !== null && seat.agent.name !== pinnedAgent) return `the step asks for agent "${pinnedAgent}"`;
    if (this.retired.has(seat.agent.name)) return 'deregistered';
    if (this.hosts.get(seat.worker)?.draining !== false) return 'its worker is stopping';
    if (seat.load >= seat.agent.limits.concurrency) return `busy: ${seat.load} of ${seat.agent.limits.concurrency} in hand`;
    return null;
  }

  private wake(seat: Seat): void {
    for (const capability of seat.agent.capabilities) {
      for (const pinned of [seat.agent.name, null]) {
        while (this.refusal(seat, pinned) === null) {
          const task = this.waiting.takeFirst(capability, pinned);
          if (task === undefined) break;
          const best = this.bestSeat(task) ?? seat;
          this.onSeat(task, this.take(best, task));
        }
      }
    }
  }

  private seat(worker: string, agent: string): Seat | undefined {
    return this.hosts.get(worker)?.seats.find((seat) => seat.agent.name === agent);
  }
}

function score(seat: Seat): number {
  return seat.load / seat.agent.limits.concurrency;
}
