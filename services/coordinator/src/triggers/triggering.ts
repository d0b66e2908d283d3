import { Inbox } from '../inbox/inbox.js';
import { Webhooks } from '../inbox/webhooks.js';
import { ScheduleLedger } from '../schedules/schedule-ledger.js';
import type { Scheduler } from '../schedules/scheduler.js';
import { ActiveTriggers, type ActiveTriggersParts } from './active-triggers.js';
import type { EventTriggers } from './event-triggers.js';
import { KnownHooks } from './known-hooks.js';

interface TriggeringParts extends Omit<ActiveTriggersParts, 'inbox' | 'ledger'> {
  /** Keys by the secret's name. */
  readonly webhookSecrets: Readonly<Record<string, readonly Uint8Array[]>>;
}

/**
 * Everything that starts runs by itself: schedules, events, webhooks, files. Made of parts that need nothing but the ports. It may be started again after it was
 * stopped: of several coordinators one does it at a time, and all take webhooks, events and orders to start a schedule's run.
 */
export class Triggering {
  readonly inbox: Inbox;
  readonly webhooks: Webhooks;
  readonly ledger: ScheduleLedger;
  private readonly hooks: KnownHooks;
  private active: ActiveTriggers;
  private wasStarted = false;
  private standsBy = false;

  constructor(private readonly parts: TriggeringParts) {
    const { store, values, webhookSecrets: secrets, runtime, logger } = parts;
    this.inbox = new Inbox(store, values);
    this.ledger = new ScheduleLedger(store, runtime);
    this.hooks = new KnownHooks({ store, runtime, logger });
    const secretsOf = (hook: string): readonly string[] => (this.standsBy ? this.hooks.secretsOf(hook) : this.active.table.secretsOf(hook));
    this.webhooks = new Webhooks({ inbox: this.inbox, secretsOf, secrets, runtime, logger });
    this.active = this.newLife();
  }

  /** Of the life now, or of the one before. Starts by hand at any time. */
  get scheduler(): Pick<Scheduler, 'triggerNow'> {
    return this.active.scheduler;
  }

  get triggers(): Pick<EventTriggers, 'position'> {
    return this.active.triggers;
  }

  /** Where several coordinators take webhooks: knows them also while another one acts on what comes. Until {@link close}. */
  standBy(): void {
    this.standsBy = true;
    this.hooks.follow();
  }

  async start(): Promise<void> {
    if (this.wasStarted) this.active = this.newLife();
    this.wasStarted = true;
    await this.active.start();
  }

  /** Before runs can no longer be started. */
  async stop(): Promise<void> {
    await this.active.stop();
  }

  async close(): Promise<void> {
    await this.hooks.close();
  }

  private newLife(): ActiveTriggers {
    return new ActiveTriggers({ ...this.parts, inbox: this.inbox, ledger: this.ledger });
  }
}
