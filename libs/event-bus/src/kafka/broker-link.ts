import { isTuttiError, TuttiError, type Runtime } from '@tutti/kernel';
import type { Admin, Kafka } from 'kafkajs';
import { brokerFault, faultText, isPassing } from './broker-fault.js';
import type { BusHealth } from './bus-health.js';

const AGAIN_AFTER_MS = 250;

export interface BrokerLinkOptions {
  readonly kafka: Kafka;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly giveUpAfterMs: number;
  readonly health: BusHealth;
}

/** Questions to the broker, asked again over a new connection while the broker is away. */
export class BrokerLink {
  readonly #options: BrokerLinkOptions;
  #admin: Promise<Admin> | null = null;
  #closed = false;

  constructor(options: BrokerLinkOptions) {
    this.#options = options;
  }

  /** @throws TuttiError STORE_UNAVAILABLE once the limit is over, or at once for what does not pass; SHUTTING_DOWN when closed */
  async ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const { runtime, giveUpAfterMs, health } = this.#options;
    const until = runtime.clock.monotonic() + giveUpAfterMs;
    for (;;) {
      if (this.#closed) throw new TuttiError('SHUTTING_DOWN', `${what}: the event bus is closed`);
      const connecting = (this.#admin ??= this.#connect());
      try {
        const answer = await question(await connecting);
        health.up('questions');
        return answer;
      } catch (error) {
        if (!isPassing(error)) throw isTuttiError(error) ? error : brokerFault(what, error);
        if (this.#admin === connecting) this.#drop(connecting);
        health.down('questions', faultText(error));
        if (runtime.clock.monotonic() >= until) throw brokerFault(what, error);
        await new Promise<void>((resolve) => runtime.timers.after(AGAIN_AFTER_MS, resolve));
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const admin = await this.#admin?.catch(() => null);
    await admin?.disconnect().catch(() => {});
  }

  async #connect(): Promise<Admin> {
    const admin = this.#options.kafka.admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      admin.disconnect().catch(() => {});
      throw error;
    }
  }

  #drop(connecting: Promise<Admin>): void {
    this.#admin = null;
    connecting.then((admin) => admin.disconnect()).catch(() => {});
  }
}
