import type { RunService, TaskChannel } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import type { JsonObject } from '@tutti/kernel';
import type { Projection, ReadModels } from '@tutti/read-models';

/** Deliberate faults of the code itself, put around its parts, to prove that the observer would see them. Without any, the system is as it is. */
export interface Sabotage {
  /** Around the store, as servers and workers have it. */
  readonly store?: (store: EventStore) => EventStore;
  /** Appends are answered before they are durable. */
  readonly answersEarly?: boolean;
  /** Around the owner's end of the task channel. */
  readonly channel?: (channel: TaskChannel) => TaskChannel;
  /** Around the worker's end. */
  readonly workerChannel?: (channel: TaskChannel) => TaskChannel;
  /** Agents are known with so many seats more than they have. */
  readonly extraSeats?: number;
  /** One timer of a server in so many never fires. */
  readonly lostTimers?: number;
  readonly projection?: (projection: Projection<JsonObject>) => Projection<JsonObject>;
  readonly readModels?: (readModels: ReadModels) => ReadModels;
  readonly runs?: (runs: RunService) => RunService;
  /** What is registered in place of a definition. */
  readonly source?: (source: string) => string;
  /** Does something to what is stored, at the end. */
  readonly damage?: (events: readonly JsonObject[]) => void;
}
