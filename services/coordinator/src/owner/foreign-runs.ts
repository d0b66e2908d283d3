import { runEvents } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { eventMetadata, isTuttiError, newEvent, type Runtime } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import type { RunPlans } from '../workflow/run-plans.js';
import { newHotRun, type Decided, type HotRun } from './hot-run.js';
import type { RunInstruction, Sender } from './run-instruction.js';
import { loadRun, runStream } from './run-loader.js';

interface ForeignRunsParts {
  readonly store: EventStore;
  readonly plans: RunPlans;
  readonly runtime: Runtime;
}

/**
 * Runs that another coordinator answers for. Anybody may append to a run: it is started here, and its owner hears of it from the log and goes on with it, now or
 * when there is one again.
 */
export class ForeignRuns {
  constructor(private readonly parts: ForeignRunsParts) {}

  /** As the store has it. @throws TuttiError RUN_NOT_FOUND */
  peek(runId: string): Promise<Readonly<Pick<HotRun, 'state' | 'plan' | 'position' | 'trace'>>> {
    return loadRun(this.parts.store, this.parts.plans, runId);
  }

  /** Starts a run, or finds the one that the same request started. @throws TuttiError IDEMPOTENCY_CONFLICT, or what the store says */
  async start(plan: Plan, command: Extract<RunInstruction, { type: 'StartRun' }>, sender: Sender): Promise<Decided> {
    const { store, plans } = this.parts;
    const { runId } = command;
    const hot = newHotRun(runId, plan);
    try {
      return await this.decide(hot, command, sender);
    } catch (error) {
      if (!isTuttiError(error, 'REVISION_CONFLICT')) throw error;
      return this.decide(await loadRun(store, plans, runId), command, sender);
    }
  }

  /** Decides on the run as the store has it. @throws TuttiError RUN_NOT_FOUND · REVISION_CONFLICT when its owner was quicker · what the decider or the store says */
  async send(runId: string, command: RunInstruction, sender: Sender): Promise<Decided> {
    return this.decide(await loadRun(this.parts.store, this.parts.plans, runId), command, sender);
  }

  private async decide(hot: HotRun, command: RunInstruction, { actor, traceparent = null }: Sender): Promise<Decided> {
    const { store, runtime } = this.parts;
    const { clock, random, ids } = runtime;
    const events = hot.decider.decide({ ...command, nowMs: clock.now(), random: random.next() }, hot.state);
    if (events.length === 0) return { events, position: hot.position };
    const metadata = eventMetadata({ correlationId: hot.runId, actor, traceparent });
    const recorded = events.map((event) => newEvent(ids.next(), runEvents[event.type], event.data, metadata));
    const { position } = await store.append(runStream(hot.runId), recorded, hot.revision < 0 ? 'no-stream' : hot.revision);
    return { events, position };
  }
}
