import { isoTime, TuttiError, toTuttiError, type RecordedEvent } from '@tutti/kernel';
import { createSystemRuntime } from '@tutti/service-kit';
import { callable, SimulatedSystem, type Life, type ServerServices } from '@tutti/simulation';
import type { FakeAgents } from './fake-agents.js';

interface WorldOptions {
  readonly seed: number;
  readonly startAt: Date;
  readonly agents: FakeAgents;
  readonly onCommitted: (events: readonly RecordedEvent[]) => void;
  readonly trace: ((line: string) => void) | null;
}

/** After a start the signs of life are not skipped for so long: what the life before held is known to be lost by then. */
const RESTLESS_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
const ANSWER_LIMIT_MS = 600_000;
const ASK_AGAIN_MS = 100;
/** Of real time, for what an agent waits for outside of the kit. */
const OUTSIDE_LIMIT_MS = 5_000;

/** One process with everything in it, on simulated time. It stands still unless the test waits for something. */
export class World {
  private readonly system: SimulatedSystem;
  private readonly outside: Life;
  private readonly real = createSystemRuntime();
  private turn: Promise<unknown> = Promise.resolve();
  private failure: Error | null = null;
  private restlessUntilMs = 0;
  private lookedAtMs = 0;

  constructor(private readonly options: WorldOptions) {
    this.system = new SimulatedSystem({
      seed: options.seed,
      layout: { oneProcess: true, servers: 1, workers: 0 },
      inlineLimitBytes: 65_536,
      hosted: (life) => options.agents.hosted(life),
      onCommitted: options.onCommitted,
      claims: (channel) => channel,
      onFailure: (_, error) => (this.failure ??= toTuttiError(error)),
      trace: options.trace,
      sabotage: {},
    });
    this.outside = this.system.outsideLife('test', this.system.chance);
    // The test stands next to the system: as little as possible happens between what it asks and what it hears.
    Object.assign(this.system.link.condition, { delayMs: 0.05 });
    this.system.apply({ kind: 'clock-jump', atMs: 0, machine: 0, byMs: options.startAt.getTime() - this.now.getTime() });
    this.system.start();
  }

  get now(): Date {
    return new Date(Math.floor(this.system.earliestWallMs));
  }

  get log(): readonly RecordedEvent[] {
    return this.system.store.log.events;
  }

  stream(name: string): readonly RecordedEvent[] {
    return this.system.store.log.stream(name);
  }

  /** Whether it came true within the time. One wait at a time; others wait for their turn. */
  async until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    return this.inTurn(async () => (await this.run(isTrue, withinMs)) || isTrue());
  }

  advance(ms: number): Promise<void> {
    return this.inTurn(async () => {
      let over = false;
      this.system.scheduler.after(ms, () => (over = true));
      await this.run(() => over, ms);
    });
  }

  /** Asks the system something; while it is down, again. @throws TuttiError as it was answered */
  call<Answer>(ask: (services: ServerServices) => Promise<Answer>): Promise<Answer> {
    return this.inTurn(async () => {
      await this.run(() => this.ready, ANSWER_LIMIT_MS, false);
      const { answer, done } = this.track(this.patiently(ask));
      if (!(await this.run(done, ANSWER_LIMIT_MS, false))) throw new TuttiError('TIMED_OUT', 'the simulated system did not answer');
      return answer;
    });
  }

  /** The process is killed, and started again on its disk after a while. */
  crash(downMs: number): Promise<void> {
    return this.inTurn(async () => {
      this.crashNow(downMs);
      await this.run(() => this.ready, downMs + ANSWER_LIMIT_MS, false);
    });
  }

  /** As {@link crash}, from within: before anything else happens. */
  crashSoon(): void {
    this.system.scheduler.after(0, () => this.crashNow(0));
  }

  private crashNow(downMs: number): void {
    this.restlessUntilMs = this.system.scheduler.nowMs + downMs + RESTLESS_MS;
    this.system.apply({ kind: 'crash-server', atMs: this.system.scheduler.nowMs, server: 0, downMs });
  }

  private get ready(): boolean {
    return this.system.servers[0]?.ready === true && this.system.servers[0].life !== null;
  }

  private async patiently<Answer>(ask: (services: ServerServices) => Promise<Answer>): Promise<Answer> {
    const [server] = this.system.servers;
    if (server === undefined) throw new TuttiError('INTERNAL', 'the kit has no server');
    for (;;) {
      try {
        return await this.system.link.call(this.outside, callable(server), () => ask(server.services as ServerServices));
      } catch (error) {
        if (toTuttiError(error).code !== 'SHUTTING_DOWN') throw error;
        await new Promise<void>((resolve) => this.outside.runtime.timers.after(ASK_AGAIN_MS, resolve));
      }
    }
  }

  private track<Answer>(promise: Promise<Answer>): { readonly answer: Promise<Answer>; readonly done: () => boolean } {
    let done = false;
    const settled = (): void => void (done = true);
    promise.then(settled, settled);
    return { answer: promise, done: () => done };
  }

  /** Lets things happen. Simulated time stands still while an agent waits for something outside, unless it is only for an answer. */
  private async run(isTrue: () => boolean, withinMs: number, heedOutside = true): Promise<boolean> {
    const { scheduler } = this.system;
    const untilMs = scheduler.nowMs + withinMs;
    const waitsOutside = (): boolean => heedOutside && this.options.agents.waitsOutside() !== null;
    for (;;) {
      const isOver = (): boolean => isTrue() || this.failure !== null || waitsOutside() || this.nothingIsDue();
      await scheduler.run(isOver, { untilMs, steps: Infinity });
      if (this.failure !== null) throw this.failure;
      if (isTrue()) return true;
      if (!waitsOutside()) return false;
      await this.waitOutside();
    }
  }

  /** Skips the time to what is due next. True when nothing will ever happen by itself. */
  private nothingIsDue(): boolean {
    const { scheduler } = this.system;
    const { nowMs } = scheduler;
    if (nowMs < this.lookedAtMs + LOOK_EVERY_MS) return false;
    this.lookedAtMs = nowMs;
    if (nowMs < this.restlessUntilMs || this.options.agents.mustShowSigns()) return false;
    scheduler.skipUpkeep();
    return scheduler.onlyUpkeep;
  }

  private async waitOutside(): Promise<void> {
    const { clock, timers } = this.real;
    const untilMs = clock.monotonic() + OUTSIDE_LIMIT_MS;
    for (let call = this.options.agents.waitsOutside(); call !== null; call = this.options.agents.waitsOutside()) {
      if (clock.monotonic() > untilMs) {
        throw new TuttiError(
          'TIMED_OUT',
          `${call.capability}, step ${call.step}, attempt ${call.attempt}: the agent has waited for ${OUTSIDE_LIMIT_MS} ms for something outside ` +
            'of the test kit. To let simulated time pass, use context.sleep(…); to never answer, context.hang()',
        );
      }
      await new Promise<void>((resolve) => timers.after(1, resolve));
    }
  }

  private inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const mine = this.turn.then(work, work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** For messages. */
  describeTime(): string {
    return isoTime(this.now.getTime());
  }
}
