import { upcast, type WorkflowVersionRegistered } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { TriggerTable, triggersOf } from './trigger-table.js';

interface KnownHooksParts {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

const TRY_AGAIN_MS = 1_000;

/** The webhooks of the newest version of each workflow, in a process that takes their messages while another one acts on them. */
export class KnownHooks {
  private readonly table = new TriggerTable();
  private subscription: EventSubscription | null = null;
  private reached = -1;
  private closed = false;

  constructor(private readonly parts: KnownHooksParts) {}

  secretsOf(hook: string): readonly string[] {
    return this.table.secretsOf(hook);
  }

  follow(): void {
    if (this.closed) return;
    this.subscription = this.parts.store.subscribe({
      after: this.reached,
      filter: { categories: ['workflow'], types: ['WorkflowVersionRegistered'] },
      onBatch: (events, head) => {
        for (const event of events) {
          const { name, definition } = upcast(event).data as unknown as WorkflowVersionRegistered;
          this.table.put(name, triggersOf(definition));
        }
        this.reached = head;
      },
    });
    this.subscription.ended.catch((error: unknown) => {
      this.parts.logger.warn('webhooks of workflows are no longer followed; it is tried again', { err: error });
      this.parts.runtime.timers.after(TRY_AGAIN_MS, () => this.follow());
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.subscription?.close();
  }
}
