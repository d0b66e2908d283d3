import type { StepOptions } from '@tutti/agent-sdk';
import type { EventStore } from '@tutti/event-store';
import { isTuttiError, type Random } from '@tutti/kernel';
import { over, type HarnessAttempt, type JournalHarness } from './journal-harness.js';

export type StepClass = 'pure' | 'idempotent' | 'compensable' | 'irreversible';

/** One step of the agent that is crashed; steps of one group are called at once. */
export interface ProgramStep {
  readonly name: string;
  readonly sideEffect: StepClass;
  readonly group: number;
}

/** What happened in the world outside, in its order. */
export interface Effect {
  readonly step: string;
  readonly sideEffect: StepClass;
  readonly attempt: number;
  readonly key: string;
  /** Steps that the journal had recorded as begun at that moment. */
  readonly announced: readonly string[];
}

/** A process that stands still for ever, or until it is woken, at one of the points where it waits. */
class Frailty {
  private readonly stopped: (() => void)[] = [];
  private isStopped = false;
  private passed = 0;
  private readonly onStop: (() => void)[] = [];

  constructor(private readonly stopAt: number) {}

  async point(): Promise<void> {
    this.passed++;
    if (this.passed === this.stopAt) {
      this.isStopped = true;
      for (const tell of this.onStop) tell();
    }
    if (this.isStopped) await new Promise<void>((resolve) => this.stopped.push(resolve));
  }

  ended(): Promise<'crashed'> {
    return new Promise((resolve) => (this.isStopped ? resolve('crashed') : this.onStop.push(() => resolve('crashed'))));
  }

  wake(): void {
    this.isStopped = false;
    for (const resolve of this.stopped.splice(0)) resolve();
  }

  store(store: EventStore): EventStore {
    return over(store, {
      append: async (...given) => {
        await this.point();
        const appended = await store.append(...given);
        await this.point();
        return appended;
      },
      readStream: (stream, options) => this.read(store.readStream(stream, options)),
    });
  }

  private async *read<Event>(events: AsyncIterable<Event>): AsyncIterable<Event> {
    await this.point();
    yield* events;
    await this.point();
  }
}

type Outcome = 'done' | 'crashed' | 'uncertain' | 'superseded';

/** Runs one program over attempts that crash at any point where they wait. */
export class CrashingAttempts {
  readonly effects: Effect[] = [];
  readonly results = new Map<string, Set<string>>();
  private readonly asleep: { readonly frailty: Frailty; readonly running: Promise<Outcome> }[] = [];

  constructor(
    private readonly journal: JournalHarness,
    private readonly program: readonly ProgramStep[],
    private readonly random: Random,
    /** Whether irreversible steps can be looked up afterwards. */
    private readonly resolvable: boolean,
    private readonly fault: (store: EventStore) => EventStore = (store) => store,
  ) {}

  /** @param stopAt the how-manieth point to stand still at; Infinity for none */
  async attempt(number: number, stopAt: number): Promise<Outcome> {
    const frailty = new Frailty(stopAt);
    const attempt = this.journal.attempt(number, { wrap: (store) => frailty.store(this.fault(store)) });
    const running = this.run(attempt, number, frailty);
    const outcome = await Promise.race([running, frailty.ended()]);
    if (outcome === 'crashed') this.asleep.push({ frailty, running });
    return outcome;
  }

  /** What stood still goes on, as a process does that was only paused. */
  wakeAll(): Promise<readonly Outcome[]> {
    const woken = this.asleep.splice(0);
    for (const { frailty } of woken) frailty.wake();
    return Promise.all(woken.map(({ running }) => running));
  }

  private async run(attempt: HarnessAttempt, number: number, frailty: Frailty): Promise<Outcome> {
    const groups = [...new Set(this.program.map(({ group }) => group))];
    try {
      for (const group of groups) {
        const steps = this.program.filter((step) => step.group === group);
        await Promise.all(steps.map((step) => this.step(attempt, number, step, frailty)));
      }
      return 'done';
    } catch (error) {
      if (isTuttiError(error, 'SIDE_EFFECT_UNCERTAIN')) return 'uncertain';
      if (isTuttiError(error, 'CANCELLED')) return 'superseded';
      throw error;
    }
  }

  private async step(attempt: HarnessAttempt, number: number, { name, sideEffect }: ProgramStep, frailty: Frailty): Promise<void> {
    const value = `${name} by ${number}.${Math.floor(this.random.next() * 1e6)}`;
    const given = await attempt.step(
      name,
      async ({ idempotencyKey }) => {
        await frailty.point();
        const announced = (await this.journal.events()).flatMap(({ type, data }) => (type === 'TaskStepStarted' ? [data.name] : []));
        this.effects.push({ step: name, sideEffect, attempt: number, key: idempotencyKey, announced });
        await frailty.point();
        return value;
      },
      this.options(name, sideEffect),
    );
    const results = this.results.get(name) ?? new Set();
    this.results.set(name, results.add(String(given)));
  }

  private options(name: string, sideEffect: StepClass): StepOptions<unknown> {
    if (sideEffect === 'compensable') return { sideEffect, compensate: { capability: 'undo' } };
    if (sideEffect !== 'irreversible' || !this.resolvable) return { sideEffect };
    const resolve = () =>
      this.effects.some(({ step }) => step === name) ? { happened: true as const, value: `found ${name}` } : { happened: false as const };
    return { sideEffect, resolve };
  }
}
