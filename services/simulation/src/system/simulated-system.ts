import type { HostedAgent } from '@tutti/agent-workers';
import { TOPIC_VIEWS, type TaskChannel } from '@tutti/contracts';
import { coordinatorConfig, type CoordinatorConfig } from '@tutti/coordinator';
import { isoTime, type RecordedEvent } from '@tutti/kernel';
import type { LogFields, Logger } from '@tutti/service-kit';
import { SimulatedBlobs } from '../disk/simulated-blobs.js';
import { SimulatedEventStore } from '../disk/simulated-event-store.js';
import type { Fault } from '../faults/fault-schedule.js';
import { Link } from '../network/link.js';
import { SimulatedEventBus } from '../network/simulated-event-bus.js';
import { Chance } from '../world/chance.js';
import { Life } from '../world/life.js';
import { Scheduler } from '../world/scheduler.js';
import type { Machinery } from './machinery.js';
import { PartitionTable } from './partition-table.js';
import type { Sabotage } from './sabotage.js';
import { Server } from './server.js';
import { WorkerProcess } from './worker-process.js';

/** `one-process`: server, agents, store and bus live and die together, as the standalone process does. Else store and bus are elsewhere and only have faults of their own. */
export interface Layout {
  readonly oneProcess: boolean;
  readonly servers: number;
  readonly workers: number;
}

export interface SystemOptions {
  readonly seed: number;
  readonly layout: Layout;
  readonly inlineLimitBytes: number;
  readonly hosted: (life: Life) => readonly HostedAgent[];
  readonly onCommitted: (events: readonly RecordedEvent[]) => void;
  readonly claims: (channel: TaskChannel) => TaskChannel;
  /** What a life broke with; not called for what its own end broke. */
  readonly onFailure: (life: Life, error: unknown) => void;
  readonly trace: ((line: string) => void) | null;
  readonly sabotage: Sabotage;
  /** Default: every default. */
  readonly coordinator?: CoordinatorConfig;
}

const DEFAULT_COORDINATOR = coordinatorConfig.parse({});
const BEGIN_MS = Date.UTC(2026, 0, 1);

/** All processes of a system, and what happens to them. */
export class SimulatedSystem {
  readonly scheduler = new Scheduler();
  readonly chance: Chance;
  readonly store: SimulatedEventStore;
  readonly bus: SimulatedEventBus;
  readonly link: Link;
  readonly partitions: PartitionTable;
  readonly servers: readonly Server[];
  readonly workers: readonly WorkerProcess[];
  private readonly clocks: number[];
  /** How long the process that ends next stays down, by name; else a while that the seed decides. */
  private readonly downMs = new Map<string, number>();

  constructor(private readonly options: SystemOptions) {
    const { seed, layout, inlineLimitBytes } = options;
    const { scheduler } = this;
    const chance = new Chance(seed, 'world');
    this.chance = chance;
    const now = (): number => Math.floor(BEGIN_MS + scheduler.nowMs + (layout.oneProcess ? (this.clocks[0] ?? 0) : 0));
    this.clocks = Array.from({ length: layout.servers + layout.workers }, () => chance.int(-500, 500));
    this.bus = new SimulatedEventBus({ chance, views: TOPIC_VIEWS, now });
    this.store = new SimulatedEventStore({
      ...{ scheduler, chance, now },
      answersEarly: options.sabotage.answersEarly === true,
      hopMs: layout.oneProcess ? [0.01, 0.1] : [0.05, 3],
      onCommitted: (events) => {
        options.onCommitted(events);
        this.bus.committed(events);
      },
    });
    this.link = new Link(scheduler, chance);
    this.partitions = new PartitionTable(layout.servers, chance, layout.oneProcess);
    const machinery: Machinery = {
      ...{ scheduler, chance, store: this.store, bus: this.bus, link: this.link, partitions: this.partitions, inlineLimitBytes },
      blobs: new SimulatedBlobs(chance),
      logger: (life) => this.logger(life),
      claims: options.claims,
      sabotage: options.sabotage,
      coordinator: options.coordinator ?? DEFAULT_COORDINATOR,
    };
    const hosted = layout.oneProcess ? options.hosted : null;
    this.servers = Array.from({ length: layout.servers }, (_, index) => new Server(index, machinery, hosted));
    this.workers = Array.from(
      { length: layout.workers },
      (_, index) => new WorkerProcess(`worker-${index}`, machinery, this.servers, options.hosted),
    );
  }

  start(): void {
    for (const server of this.servers) this.bootServer(server);
    for (const worker of this.workers) this.bootWorker(worker);
  }

  /** A life outside of the system, which nothing happens to. */
  outsideLife(name: string, chance: Chance): Life {
    return new Life({ name, scheduler: this.scheduler, chance, wallOffsetMs: () => BEGIN_MS, onEnd: () => undefined });
  }

  /** The time of the server whose clock is the furthest behind. */
  get earliestWallMs(): number {
    return BEGIN_MS + this.scheduler.nowMs + Math.min(...this.servers.map(({ index }) => this.clocks[index] ?? 0));
  }

  apply(fault: Fault): void {
    this.trace(`fault ${JSON.stringify(fault)}`);
    const { scheduler, store, bus, link } = this;
    const later = (ms: number, run: () => void): void => void scheduler.after(ms, run);
    switch (fault.kind) {
      case 'crash-server':
        return this.endAfter(this.servers[fault.server], fault.downMs);
      case 'crash-server-at-call':
        return this.servers[fault.server]?.life?.endAtCall(fault.calls);
      case 'stop-server':
        return this.stopInOrder(this.servers[fault.server]);
      case 'pause-server':
        return this.pause(this.servers[fault.server]?.life, fault.forMs);
      case 'crash-worker':
        return this.workers[fault.worker]?.life?.end();
      case 'crash-worker-at-call':
        return this.workers[fault.worker]?.life?.endAtCall(fault.calls);
      case 'stop-worker':
        return this.stopInOrder(this.workers[fault.worker]);
      case 'pause-worker':
        return this.pause(this.workers[fault.worker]?.life, fault.forMs);
      case 'clock-jump':
        this.clocks[fault.machine] = (this.clocks[fault.machine] ?? 0) + fault.byMs;
        return;
      case 'disk-full':
        store.condition.full = true;
        return later(fault.forMs, () => (store.condition.full = false));
      case 'slow-fsync':
        store.condition.fsyncMs = fault.fsyncMs;
        return later(fault.forMs, () => (store.condition.fsyncMs = 1));
      case 'failed-commit':
        store.condition.failNextCommit = true;
        return later(fault.untilRestartMs, () => this.restartStore());
      case 'read-models-fail': {
        const models = this.servers[fault.server]?.readModels;
        if (models === undefined) return;
        models.failing = true;
        return later(fault.forMs, () => (models.failing = false));
      }
      case 'bad-network':
        Object.assign(link.condition, { loss: fault.loss, delayMs: fault.delayMs });
        return later(fault.forMs, () => Object.assign(link.condition, { loss: 0, delayMs: 2 }));
      case 'bad-bus':
        Object.assign(bus.condition, { loss: fault.loss, repetition: fault.repetition, delayMs: fault.delayMs });
        return later(fault.forMs, () => Object.assign(bus.condition, { loss: 0, repetition: 0, delayMs: 1 }));
      case 'move-partitions':
        return this.partitions.move(fault.part);
    }
  }

  private bootServer(server: Server): void {
    const life = this.begin(server.name, server.index, () => {
      this.trace(`${server.name} has ended`);
      server.ended();
      this.link.lifeEnded(life);
      this.bus.lifeEnded(life);
      if (this.options.layout.oneProcess) {
        this.store.crash();
        this.bus.crash();
      }
      this.again(server.name, () => this.bootServer(server));
    });
    this.trace(`${server.name} boots`);
    this.mind(life, server.boot(life));
  }

  private bootWorker(worker: WorkerProcess): void {
    const machine = this.servers.length + this.workers.indexOf(worker);
    const life = this.begin(worker.name, machine, () => {
      this.trace(`${worker.name} has ended`);
      worker.ended();
      this.bus.lifeEnded(life);
      this.again(worker.name, () => this.bootWorker(worker));
    });
    this.trace(`${worker.name} boots`);
    this.mind(life, worker.boot(life));
  }

  private begin(name: string, machine: number, onEnd: () => void): Life {
    const { scheduler, chance } = this;
    const { lostTimers } = this.options.sabotage;
    const lost = lostTimers === undefined || machine >= this.servers.length ? {} : { lostTimers };
    return new Life({ name, scheduler, chance, wallOffsetMs: () => BEGIN_MS + (this.clocks[machine] ?? 0), onEnd, ...lost });
  }

  private again(name: string, boot: () => void): void {
    const downMs = this.downMs.get(name) ?? this.chance.skewed(10, 5_000);
    this.downMs.delete(name);
    this.scheduler.after(downMs, boot);
  }

  /** A process that cannot start, or stop, ends, as a supervisor would see it. */
  private mind(life: Life, work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!life.alive) return;
      this.trace(`${life.name} gives up: ${String(error)}`);
      this.options.onFailure(life, error);
      life.end();
    });
  }

  private endAfter(server: Server | undefined, downMs: number): void {
    if (server?.life == null) return;
    this.downMs.set(server.name, downMs);
    server.life.end();
  }

  private stopInOrder(stopped: Server | WorkerProcess | undefined): void {
    const life = stopped?.life;
    if (stopped === undefined || life?.alive !== true) return;
    this.mind(
      life,
      stopped.stop().then(() => life.end()),
    );
    // Whoever started it does not wait for ever.
    this.scheduler.after(30_000, () => life.end());
  }

  private pause(life: Life | null | undefined, forMs: number): void {
    if (life == null) return;
    life.pause();
    this.scheduler.after(forMs, () => life.resume());
  }

  private restartStore(): void {
    const [server] = this.servers;
    if (this.options.layout.oneProcess && server?.life != null) server.life.end();
    else this.store.crash();
  }

  trace(line: string): void {
    this.options.trace?.(`${isoTime(BEGIN_MS + this.scheduler.nowMs)} ${line}`);
  }

  private logger(life: Life): Logger {
    const write =
      (level: string) =>
      (message: string, fields?: LogFields): void => {
        if (this.options.trace === null) return;
        const said = JSON.stringify(fields ?? {}, (_, value: unknown) =>
          value instanceof Error ? `${value.name}: ${value.message}` : value,
        );
        this.trace(`${life.name} ${level} ${message} ${said}`);
      };
    const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), child: () => logger };
    return logger;
  }
}
