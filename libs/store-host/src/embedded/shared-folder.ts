import type { EventBus } from '@tutti/event-bus';
import type { Blobs } from '@tutti/blobs';
import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import type { ReadModels } from '@tutti/read-models';
import type { StoreHostStatus } from '../client/host-connection.js';
import { connectStoreHost, type StoreHostClient } from '../client/store-host-client.js';
import type { StoreHostLimits } from '../limits.js';
import { storeSocketPath } from '../socket-path.js';
import type { StoreHostLogger } from '../store-ports.js';
import type { FolderLayout } from './folder-ports.js';
import { Hosting } from './hosting.js';

/** What all processes of a folder give alike, whichever of them hosts it; `mayHost` apart. */
export interface SharedFolderOptions extends FolderLayout {
  /** Made where it is missing. */
  readonly dataDir: string;
  /** Whether this process serves the folder to all while nobody else does. */
  readonly mayHost: boolean;
  /** Appends are refused while the volume has less. */
  readonly minFreeBytes: number;
  readonly runtime: Runtime;
  readonly logger: StoreHostLogger;
  readonly limits?: Partial<StoreHostLimits>;
}

/** The ports of a data folder that several processes use, whichever of them hosts it at the moment: this one asks over the socket, too, when it does. */
export interface SharedFolder extends StoreHostClient {
  /** Whether this process holds the folder and serves it. */
  readonly hosting: boolean;
  /**
   * Resolves to true once there is a host, however long that takes; to false when closed before.
   *
   * @throws TuttiError STORE_LOCKED for a folder that a process holds which serves it to nobody · what else keeps this process from hosting it,
   * such as DATA_DAMAGED. It tries on meanwhile: asking again later may resolve.
   */
  connected(): Promise<boolean>;
  /** Ends as a client does; then, when it hosts the folder, hands it over to whichever process takes it next. */
  close(): Promise<void>;
}

/**
 * Opens a folder that processes share. Returns at once; they may be started in any order. The first that may host takes the folder's lock and serves its
 * ports; when it ends, however it ends, another does. Meanwhile calls wait and subscriptions go on: see {@link connectStoreHost}.
 */
export function openSharedFolder(options: SharedFolderOptions): SharedFolder {
  return new FolderOfProcesses(options);
}

class FolderOfProcesses implements SharedFolder {
  readonly #client: StoreHostClient;
  readonly #hosting: Hosting | null;
  readonly #listeners = new Set<(status: StoreHostStatus) => void>();
  #closing: Promise<void> | null = null;

  constructor(options: SharedFolderOptions) {
    const { dataDir, mayHost, runtime, logger } = options;
    const socketPath = storeSocketPath(dataDir);
    const client = connectStoreHost({ socketPath, runtime, logger });
    this.#client = client;
    this.#hosting = mayHost
      ? new Hosting({ ...options, socketPath, wanted: () => client.status.status !== 'connected', onChange: () => this.#tell() })
      : null;
    client.onStatus(() => {
      this.#hosting?.changed();
      this.#tell();
    });
  }

  get eventStore(): EventStore {
    return this.#client.eventStore;
  }

  get eventBus(): EventBus {
    return this.#client.eventBus;
  }

  get readModels(): ReadModels {
    return this.#client.readModels;
  }

  get blobs(): Blobs {
    return this.#client.blobs;
  }

  get hosting(): boolean {
    return this.#hosting?.hosting ?? false;
  }

  get status(): StoreHostStatus {
    const { status } = this.#client;
    const failure = this.#hosting?.failure ?? null;
    return status.status === 'connecting' && failure !== null ? { status: 'refused', error: failure } : status;
  }

  onStatus(listener: (status: StoreHostStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async connected(): Promise<boolean> {
    for (;;) {
      const { status } = this.#client.status;
      if (status === 'closed' || this.#closing !== null) return false;
      if (status === 'connected') return true;
      const failure = this.#hosting?.failure ?? null;
      if (failure !== null) throw failure;
      await this.#change();
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#tell();
    await this.#client.close();
    await this.#hosting?.close();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onStatus(() => {
        stop();
        resolve();
      });
    });
  }

  #tell(): void {
    const { status } = this;
    for (const listener of [...this.#listeners]) listener(status);
  }
}
