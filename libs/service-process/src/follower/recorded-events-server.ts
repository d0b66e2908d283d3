import { Server, type CustomTransportStrategy, type MessageHandler, type ReadPacket } from '@nestjs/microservices';
import { runEvents, upcast, type RunEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { TuttiError, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { isObservable, lastValueFrom } from 'rxjs';
import { RECORDED_EVENTS, RunEventContext } from './on-run-event.js';
import { RunEventFollowing } from './run-event-following.js';

interface RecordedEventsParts {
  readonly store: Pick<EventStore, 'head' | 'subscribe'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly log: Logger;
  /** Positions before the head of the log at its start that it looks at first. */
  readonly lookBack: number;
}

/**
 * The log as a transport of Nest: gives what is recorded of runs to the methods with `@OnRunEvent`, each event once to each of them, in order of position, one at a
 * time. The store is asked for those types alone that have handlers. An outage of the store delays events, and loses and repeats none.
 *
 * What a handler throws does not keep the event from the other handlers, nor what follows from any: it is logged with the event's type and position, counted in
 * `failures`, and not given again, since whoever counts would count twice what was half done. The same goes for an event that this version cannot read.
 * A handler whose promise never settles holds up everything; `position` shows it.
 */
export class RecordedEventsServer extends Server implements CustomTransportStrategy {
  override readonly transportId = RECORDED_EVENTS;
  private readonly handlersOf = new Map<string, MessageHandler<RunEvent, RunEventContext>[]>();
  private readonly following: RunEventFollowing;
  private failed = 0;

  constructor(private readonly parts: RecordedEventsParts) {
    super();
    const { store, runtime, log } = parts;
    this.following = new RunEventFollowing({ store, runtime, logger: log, onEvent: (event) => this.give(event) });
  }

  /** @param ready called when it follows, or with why it cannot: the store did not say where its head is */
  listen(ready: (error?: unknown) => void): void {
    const { lookBack } = this.parts;
    this.following.start({ types: [...this.handlersOf.keys()], lookBack }).then(() => ready(), ready);
  }

  /** The event in hand is the last; resolves when it is done. Repeats answer the same. */
  close(): Promise<void> {
    return this.following.stop();
  }

  /** Everything up to here was handled, or is handled by nobody. */
  get position(): number {
    return this.following.position;
  }

  /** Events that a handler threw at, once for each such handler, and those that could not be read. */
  get failures(): number {
    return this.failed;
  }

  /**
   * Nest would chain the handlers of a type and answer for all by the first that fails: here each is called by itself.
   *
   * @throws TuttiError INVALID_CONFIG for what is never recorded of a run, a handler that would answer, or one by plain `@EventPattern`: Nest keeps to itself what such a one throws
   */
  override addHandler(
    pattern: string,
    handler: MessageHandler<RunEvent, RunEventContext>,
    isEventHandler = false,
    extras: Readonly<Record<string, unknown>> = {},
  ): void {
    if (!isEventHandler || !Object.hasOwn(runEvents, pattern) || extras['handler'] === undefined)
      throw new TuttiError('INVALID_CONFIG', `a handler asks for "${pattern}"; expected a type of the events of runs, by @OnRunEvent`);
    const others = this.handlersOf.get(pattern) ?? [];
    this.handlersOf.set(pattern, [...others, handler]);
    if (others.length === 0) super.addHandler(pattern, handler, isEventHandler, extras);
    else Object.assign(handler, { isEventHandler, extras });
  }

  /** Resolves when every handler is done, whatever they throw. */
  override async handleEvent(type: string, { data }: Pick<ReadPacket<RunEvent>, 'data'>, context: RunEventContext): Promise<void> {
    for (const handler of this.handlersOf.get(type) ?? []) {
      try {
        const answer: unknown = await handler(data, context);
        if (isObservable(answer)) await lastValueFrom(answer, { defaultValue: undefined });
      } catch (error) {
        const { position, runId } = context;
        this.fail('an event was not handled', { type, position, runId, handler: handler.extras?.['handler'], err: error });
      }
    }
  }

  on(): never {
    throw new TuttiError('INVALID_REQUEST', 'the log tells nothing but events; `status` is for servers that are connected to');
  }

  unwrap<Underlying>(): Underlying {
    return this.following as Underlying;
  }

  private async give(recorded: RecordedEvent): Promise<void> {
    const { type, position } = recorded;
    let event: RunEvent;
    try {
      event = upcast(recorded) as unknown as RunEvent;
    } catch (error) {
      return this.fail('an event cannot be read', { type, position, err: error });
    }
    await this.handleEvent(type, { data: event }, new RunEventContext([recorded]));
  }

  private fail(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.failed += 1;
    this.parts.log.error(message, { ...fields, failures: this.failed });
  }
}
