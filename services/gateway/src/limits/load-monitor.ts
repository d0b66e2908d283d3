/** What load shedding looks at. Each is asked several times a second. */
export interface LoadGauges {
  /** Nine of ten turns of the event loop since the last look began no later than so many milliseconds after they were due. */
  loopDelayMs(): number;
  /** Share of what may wait to be written to the store, from 0 to 1. */
  storeQueue(): number;
}
