import { triggerEvents, upcast, type TriggerEvent, type WorkflowVersionRegistered } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import { eventMetadata, newEvent, streamCategory, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { TriggerFiring } from './trigger-firing.js';
import { schedulesOf, type TriggerTable, triggersOf, type NamedSpec } from './trigger-table.js';

interface EventTriggersParts {
  readonly store: EventStore;
  readonly table: TriggerTable;
  readonly firing: TriggerFiring;
  /** Puts the schedules of a workflow's newest version in force. Repeats change nothing. */
  readonly putSchedules: (workflow: string, specs: readonly NamedSpec[], earlier: readonly string[]) => Promise<void>;
  /** The folders that file triggers look into have changed. */
  readonly onFolders: () => void;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** No workflow can be called so. */
const POSITIONS_STREAM = 'trigger-.positions';
/** How far the log may go on before it is noted how far it was looked through; so much is read again after a crash. */
const POSITIONS_PER_NOTE = 10_000;
const TRY_AGAIN_MS = 1_000;

type Registered = WorkflowVersionRegistered;

/**
 * Goes through registrations of workflows and the events that triggers ask for, in the order of the log, and holds each event against the triggers that were in
 * force at its position. What a crash interrupts is gone through again: runs have keys that follow from trigger and event.
 */
export class EventTriggers {
  private subscription: EventSubscription | null = null;
  private reached = -1;
  private noted = -1;
  /** Version, and the names of its schedules, of the newest registration that was looked at. */
  private readonly newest = new Map<string, { readonly version: number; readonly schedules: readonly string[] }>();
  /** Versions that the store has; older ones leave schedules alone. */
  private readonly known = new Map<string, number>();
  private closed = false;
  private onReached: () => void = () => undefined;

  constructor(private readonly parts: EventTriggersParts) {}

  /** Resolves when the triggers that were in force where it stopped are in force again. What came since is gone through in the background: see {@link caughtUp}. */
  async start(): Promise<void> {
    const { store, table, onFolders } = this.parts;
    for await (const event of store.readStream(POSITIONS_STREAM, { direction: 'backwards', limit: 1 }))
      this.noted = (event.data as unknown as { readonly position: number }).position;
    this.reached = this.noted;
    for await (const event of store.readAll({ filter: { categories: ['workflow'] } })) {
      const registered = registrationOf(event);
      if (registered === null) continue;
      this.known.set(registered.name, registered.version);
      if (event.position > this.reached) continue;
      const on = triggersOf(registered.definition);
      table.put(registered.name, on);
      this.remember(registered, schedulesOf(registered.name, on));
    }
    onFolders();
    this.follow();
  }

  async stop(): Promise<void> {
    this.closed = true;
    this.parts.firing.stop();
    await this.subscription?.close();
    if (this.reached > this.noted && this.noted >= 0) await this.note().catch(() => undefined);
  }

  /** Everything up to this position has been gone through. */
  get position(): number {
    return this.reached;
  }

  /** Resolves when everything up to this position has been gone through, or the time is up: what cannot be started yet must not hold up all else. */
  async caughtUp(position: number, limitMs: number): Promise<void> {
    if (this.reached >= position) return;
    await new Promise<void>((resolve) => {
      const cancel = this.parts.runtime.timers.after(limitMs, resolve);
      this.onReached = () => {
        if (this.reached < position) return;
        cancel();
        resolve();
      };
    });
    this.onReached = () => undefined;
  }

  private follow(): void {
    const filter = this.parts.table.filter();
    const subscription: EventSubscription = this.parts.store.subscribe({
      after: this.reached,
      filter,
      maxBatch: 100,
      onBatch: async (events, head) => {
        for (const event of events) {
          if (this.closed || this.subscription !== subscription) return;
          await this.take(event);
        }
        if (this.subscription === subscription) await this.pass(head);
      },
    });
    this.subscription = subscription;
    subscription.ended.catch((error: unknown) => {
      if (this.closed || this.subscription !== subscription) return;
      this.parts.logger.warn('events are no longer held against triggers; it is tried again', { err: error });
      this.parts.runtime.timers.after(TRY_AGAIN_MS, () => {
        if (!this.closed) this.follow();
      });
    });
  }

  /** An error ends the subscription, and a second later the same event is taken again. */
  private async take(event: RecordedEvent): Promise<void> {
    const { table, firing } = this.parts;
    await firing.fire(event);
    if (this.closed) return;
    const registered = registrationOf(event);
    if (registered === null) {
      this.reached = event.position;
      return;
    }
    const before = JSON.stringify(table.filter());
    const changed = await this.putInForce(registered);
    this.reached = event.position;
    if (changed) await this.note();
    // Events of types that were not asked for begin to count behind this registration.
    if (JSON.stringify(table.filter()) === before || this.closed) return;
    void this.subscription?.close();
    this.follow();
  }

  private async putInForce(registered: Registered): Promise<boolean> {
    const { table, putSchedules, onFolders } = this.parts;
    const { name, version, definition } = registered;
    const on = triggersOf(definition);
    const earlier = this.newest.get(name)?.schedules ?? [];
    const specs = schedulesOf(name, on);
    // After a crash an older version comes again, which must not undo what a newer one has said.
    const isNewest = version >= (this.known.get(name) ?? 0);
    if (isNewest && (specs.length > 0 || earlier.length > 0)) await putSchedules(name, specs, earlier);
    table.put(name, on);
    this.remember(registered, specs);
    onFolders();
    return on !== null || earlier.length > 0;
  }

  private remember({ name, version }: Registered, specs: readonly NamedSpec[]): void {
    this.newest.set(name, { version, schedules: specs.map((one) => one.name) });
    this.known.set(name, Math.max(version, this.known.get(name) ?? 0));
  }

  private async pass(head: number): Promise<void> {
    this.reached = Math.max(this.reached, head);
    this.onReached();
    if (!this.parts.table.isEmpty && this.reached - this.noted >= POSITIONS_PER_NOTE) await this.note();
  }

  private async note(): Promise<void> {
    const { store, runtime } = this.parts;
    const data: Extract<TriggerEvent, { type: 'TriggersChecked' }>['data'] = { position: this.reached };
    const metadata = eventMetadata({ correlationId: POSITIONS_STREAM, actor: 'service:coordinator' });
    await store.append(POSITIONS_STREAM, [newEvent(runtime.ids.next(), triggerEvents.TriggersChecked, data, metadata)], 'any');
    this.noted = this.reached;
  }
}

function registrationOf(event: RecordedEvent): Registered | null {
  if (streamCategory(event.stream) !== 'workflow' || event.type !== 'WorkflowVersionRegistered') return null;
  return upcast(event).data as unknown as Registered;
}
