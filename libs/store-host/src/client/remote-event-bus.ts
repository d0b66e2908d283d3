import type { BusMessage, BusSubscription, DeadLetter, DeadLetterBox, EventBus, SubscribeOptions } from '@tutti/event-bus';
import type { StoreHostLogger } from '../store-ports.js';
import { ASKED_AGAIN, type HostLink } from './host-link.js';
import { collectList } from './read-list.js';
import { RemoteBusSubscription } from './remote-bus-subscription.js';

/** The event bus of another process. Topics that are views are declared there; here they are named. */
export class RemoteEventBus implements EventBus {
  readonly deadLetters: DeadLetterBox;
  readonly #subscriptions = new Set<RemoteBusSubscription>();

  constructor(
    private readonly link: HostLink,
    private readonly logger: StoreHostLogger,
  ) {
    this.deadLetters = {
      list: (query = {}) => collectList<DeadLetter>(link, 'letters.list', [query]),
      get: async (...place) => (await collectList<DeadLetter>(link, 'letters.get', place))[0] ?? null,
      replay: (...place) => link.call<boolean>('letters.replay', place),
      discard: (...place) => link.call<boolean>('letters.discard', place),
    };
  }

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    await this.link.call('bus.publish', [topic, messages]);
  }

  /** Waits for the store host where there is none yet. */
  async subscribe(options: SubscribeOptions): Promise<BusSubscription> {
    this.link.refuseWhenClosed();
    const subscription = new RemoteBusSubscription(this.link, options, this.logger, () => this.#subscriptions.delete(subscription));
    this.#subscriptions.add(subscription);
    await subscription.joined;
    return subscription;
  }

  members(topic: string, group: string): Promise<readonly string[]> {
    return this.link.call('bus.members', [topic, group], ASKED_AGAIN);
  }

  async forgetMember(topic: string, group: string, member: string): Promise<void> {
    await this.link.call('bus.forgetMember', [topic, group, member], ASKED_AGAIN);
  }

  /** Closes every subscription, so waits for what is in hand. */
  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
  }
}
