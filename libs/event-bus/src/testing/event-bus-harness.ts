import type { BusMessage, EventBus } from '../event-bus.port.js';

/** A bus under test, whatever it runs on. Normalises adapters; has no say in what they promise. */
export interface EventBusHarness {
  /** The bus that is open now: another one after `reopen` and `crash`. */
  readonly bus: EventBus;
  /** A topic that nobody else uses. */
  readonly topic: string;
  /** Publishes to `topic` by the way this topic takes messages; resolves when they are durable. */
  publish(messages: readonly BusMessage[]): Promise<void>;
  /** Lets time go by, on the clock that the bus lives by, and lets it do what is due. */
  elapse(ms: number): Promise<void>;
  /** Closes the bus in order and opens it again over the same data. */
  reopen(): Promise<void>;
  /** Ends the bus as a kill does: nothing in memory survives, no handler of the old bus is called any more. Opens it again. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** One guarantee. Rejects where the bus does not keep it; never hangs. */
export interface EventBusContractCase {
  readonly name: string;
  readonly run: (harness: EventBusHarness) => Promise<void>;
}
