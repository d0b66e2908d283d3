import type { Blobs } from '@tutti/blobs';
import type { EventBus } from '@tutti/event-bus';
import type { EventStore } from '@tutti/event-store';
import type { ReadModels } from '@tutti/read-models';

/** The four ports of a data folder. */
export interface StorePorts {
  readonly eventStore: EventStore;
  readonly eventBus: EventBus;
  readonly readModels: ReadModels;
  readonly blobs: Blobs;
}

export interface StoreHostLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
