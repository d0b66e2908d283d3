import { triggerEvents, type TriggerEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import {
  eventMetadata,
  isJsonObject,
  isTuttiError,
  newEvent,
  toTuttiError,
  TuttiError,
  type JsonObject,
  type JsonValue,
  type RecordedEvent,
  type Runtime,
} from '@tutti/kernel';
import type { Logger, ValueStore } from '@tutti/service-kit';
import type { Evaluator } from '../expressions/evaluator.js';
import { isTruthy } from '../expressions/scope.js';
import { hashedId } from '../inbox/hashed-id.js';
import { eventView, seenEvent, type SeenEvent } from '../inbox/seen-event.js';
import { fillInputs, valueOf } from './fill-inputs.js';
import { CAUSE_LABEL, chainOf, MAX_CHAIN, runBehind } from './trigger-chain.js';
import type { InForce, TriggerTable } from './trigger-table.js';
import { TRIGGER_ACTOR, type TriggeredRuns } from './triggered-runs.js';

interface FiringParts {
  readonly store: EventStore;
  readonly table: TriggerTable;
  readonly runs: TriggeredRuns;
  readonly values: Pick<ValueStore, 'load'>;
  readonly evaluator: Evaluator;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

/** Like a code of the table, though nobody who calls gets it as an answer. */
const LOOP = 'TRIGGER_LOOP';
const TRY_AGAIN_MS = 1_000;
const MAX_TRY_AGAIN_MS = 30_000;
/** What nobody knows the reason of must not hold up all others for ever. */
const MAX_UNKNOWN_TRIES = 10;

/** Starts the runs that an event's triggers ask for. */
export class TriggerFiring {
  private stopping = false;
  private wake: () => void = () => undefined;

  constructor(private readonly parts: FiringParts) {}

  /** What waits to be tried again, waits no more. */
  stop(): void {
    this.stopping = true;
    this.wake();
  }

  /**
   * Resolves when every trigger in force has had the event: its run is durable, its filter said no, or why there is no run is recorded.
   * What may pass, like an overload, is waited for.
   *
   * @throws what the store throws, when not even a refusal could be recorded
   */
  async fire(event: RecordedEvent): Promise<void> {
    if (this.parts.table.isEmpty) return;
    const seen = seenEvent(event);
    const candidates = this.parts.table.candidates(seen.type, seen.source);
    if (candidates.length === 0) return;
    for (const trigger of candidates) await this.untilDone(trigger, seen);
  }

  private async untilDone(trigger: InForce, seen: SeenEvent): Promise<void> {
    for (let tries = 1; !this.stopping; tries++) {
      try {
        await this.start(trigger, seen);
        return;
      } catch (error) {
        if (this.stopping) return;
        const { code, retryable } = toTuttiError(error);
        const mayPass = isTuttiError(error) ? retryable || code === 'STORE_UNAVAILABLE' : tries < MAX_UNKNOWN_TRIES;
        if (!mayPass) return this.refuse(trigger, seen, { code, message: toTuttiError(error).message });
        this.parts.logger.warn('a trigger could not start its run; it is tried again', { trigger: trigger.id, event: seen.id, err: error });
        await this.pause(Math.min(MAX_TRY_AGAIN_MS, TRY_AGAIN_MS * 2 ** (tries - 1)));
      }
    }
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.parts.runtime.timers.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
    this.wake = () => undefined;
  }

  private async start(trigger: InForce, seen: SeenEvent): Promise<void> {
    const { evaluator, values, runs, store } = this.parts;
    const event = await eventView(seen, values);
    const data: JsonObject = { event };
    if (trigger.matchesName !== null && !trigger.matchesName(nameOf(event))) return;
    if (trigger.where !== null && !isTruthy(await valueOf(evaluator, trigger.where, data))) return;
    const chain = await chainOf(store, runBehind(seen.recorded));
    const [cause] = chain;
    const loop = chain.find(({ workflow }) => workflow === trigger.workflow);
    if (loop !== undefined)
      return this.refuse(trigger, seen, {
        code: LOOP,
        message: `the event comes of run ${cause?.runId ?? ''}, and so of run ${loop.runId} of "${loop.workflow}" itself: it would start itself for ever`,
      });
    if (chain.length > MAX_CHAIN)
      return this.refuse(trigger, seen, {
        code: LOOP,
        message: `more than ${MAX_CHAIN} runs have started one another by triggers before this event`,
      });
    const own = isJsonObject(event) ? event['data'] : null;
    const inputs = trigger.inputs === null ? (isJsonObject(own) ? own : {}) : await fillInputs(evaluator, trigger.inputs, data);
    await runs.start({
      workflow: trigger.workflow,
      inputs,
      labels: {
        'tutti.trigger': trigger.id,
        'tutti.event': seen.id.slice(0, 200),
        ...(cause === undefined ? {} : { [CAUSE_LABEL]: cause.runId }),
      },
      key: ['event', trigger.id, seen.source, seen.id],
      traceparent: seen.recorded.metadata.traceparent,
    });
  }

  /** Recorded once for a trigger and an event, however often it comes to it. */
  private async refuse(trigger: InForce, seen: SeenEvent, error: { readonly code: string; readonly message: string }): Promise<void> {
    const stream = `trigger-${trigger.workflow}`;
    const data: Extract<TriggerEvent, { type: 'TriggerRefused' }>['data'] = {
      ...{ trigger: trigger.id, eventSource: seen.source, eventId: seen.id, eventType: seen.type, error },
    };
    const metadata = eventMetadata({ correlationId: stream, causationId: seen.recorded.id, actor: TRIGGER_ACTOR });
    const id = hashedId(`refusal\n${trigger.id}\n${seen.source}\n${seen.id}`);
    this.parts.logger.warn('an event that a trigger matches starts no run', { trigger: trigger.id, event: seen.id, ...error });
    try {
      await this.parts.store.append(stream, [newEvent(id, triggerEvents.TriggerRefused, data, metadata)], 'any');
    } catch (failed) {
      // It was refused before, for a reason in other words.
      if (!isTuttiError(failed, 'IDEMPOTENCY_CONFLICT')) throw failed;
    }
  }
}

/** A file's path below its folder. */
function nameOf(event: JsonValue): string {
  const data = isJsonObject(event) ? event['data'] : undefined;
  const name = isJsonObject(data) ? data['name'] : undefined;
  if (typeof name === 'string') return name;
  throw new TuttiError('INTERNAL', 'the event of a file has no name');
}
