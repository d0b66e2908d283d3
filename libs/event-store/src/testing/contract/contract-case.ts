import type { EventStore } from '../../event-store.port.js';

/** A store on data of its own, empty at first. */
export interface EventStoreHarness {
  /** The store as first opened. */
  readonly store: EventStore;
  /** Closes the open store, then opens one on the same data. */
  reopen(): Promise<EventStore>;
  /** Drops the open store as a killed process would, at this very moment, and opens one on what was durable then. */
  crash(): Promise<EventStore>;
  /** Closes whatever is open and removes the data. */
  close(): Promise<void>;
}

export type CreateEventStoreHarness = () => Promise<EventStoreHarness>;

/** One guarantee of the port. `run` rejects when the store breaks it; a broken store may also keep it waiting for ever. */
export interface EventStoreContractCase {
  /** A sentence. */
  readonly name: string;
  run(harness: EventStoreHarness): Promise<void>;
}
