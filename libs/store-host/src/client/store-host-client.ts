import type { Blobs } from '@tutti/blobs';
import type { EventBus } from '@tutti/event-bus';
import type { EventStore } from '@tutti/event-store';
import type { ReadModels } from '@tutti/read-models';
import type { StoreHostStatus } from './host-connection.js';
import { HostLink, type HostLinkOptions } from './host-link.js';
import { RemoteBlobs } from './remote-blobs.js';
import { RemoteEventBus } from './remote-event-bus.js';
import { RemoteEventStore } from './remote-event-store.js';
import { RemoteReadModels } from './remote-read-models.js';

/** The ports of a data folder that another process holds. */
export interface StoreHostClient {
  readonly eventStore: EventStore;
  readonly eventBus: EventBus;
  readonly readModels: ReadModels;
  readonly blobs: Blobs;
  readonly status: StoreHostStatus;
  /** Tells each change of the status, until it is called off by what it answers. */
  onStatus(listener: (status: StoreHostStatus) => void): () => void;
  /** Resolves to true once connected, however long that takes; to false when closed before. */
  connected(): Promise<boolean>;
  /** Ends subscriptions after what is in hand, waits for the answers under way, then disconnects. */
  close(): Promise<void>;
}

/**
 * Connects to the store host of a data folder, now and again after every break, until it is closed. Returns at once; the host may start later.
 *
 * While there is no connection, appends and puts of blobs wait, for 30 s at most, subscriptions wait without limit, and whatever may be asked twice waits
 * for 10 s. What may not (publishing, replaying or discarding a dead letter, sweeping blobs) fails with STORE_UNAVAILABLE (retryable) at once, or when
 * the connection breaks before the answer.
 */
export function connectStoreHost(options: HostLinkOptions): StoreHostClient {
  return new RemotePorts(new HostLink(options), options);
}

export class RemotePorts implements StoreHostClient {
  readonly eventStore: RemoteEventStore;
  readonly eventBus: RemoteEventBus;
  readonly readModels: RemoteReadModels;
  readonly blobs: RemoteBlobs;
  #closing: Promise<void> | null = null;

  constructor(
    private readonly link: HostLink,
    options: HostLinkOptions,
  ) {
    this.eventStore = new RemoteEventStore(link);
    this.eventBus = new RemoteEventBus(link, options.logger);
    this.readModels = new RemoteReadModels(link);
    this.blobs = new RemoteBlobs(link);
  }

  get status(): StoreHostStatus {
    return this.link.status;
  }

  onStatus(listener: (status: StoreHostStatus) => void): () => void {
    return this.link.onStatus(listener);
  }

  connected(): Promise<boolean> {
    return this.link.connected();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** Ends as a kill does: no handler is called any more, nothing under way is answered. */
  destroy(): void {
    this.link.destroy();
  }

  async #close(): Promise<void> {
    // Handlers that come to their end may still ask for something.
    await Promise.all([this.eventStore.close(), this.eventBus.close()]);
    await this.link.close();
  }
}
