import { LOAD_CLASSES, type LoadClass } from '@tutti/rest-contract';
import { z } from 'zod';

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const milliseconds = count(1, 3_600_000);

const rate = (perSecond: number, burst: number) =>
  z
    .strictObject({
      perSecond: z.coerce.number().positive().max(1_000_000).default(perSecond),
      /** Requests that may come at once after a pause. */
      burst: count(1, 10_000_000).default(burst),
    })
    .prefault({});

/** From which value on `new-work` is refused, then `change` too, then `read` too. */
const steps = (first: number, second: number, third: number) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? value.split(',') : value),
      z.array(z.coerce.number().positive()).length(3, 'expected three values: for new work, changes and reads'),
    )
    .refine(
      ([one = 0, two = 0, three = 0]) => one <= two && two <= three,
      'expected three values that do not fall: for new work, changes and reads',
    )
    .default([first, second, third]);

const rates = {
  // Above what one system can take from a single caller: who works hard is not limited, who runs wild is; load shedding looks after the rest.
  vital: rate(20_000, 40_000),
  read: rate(2_000, 10_000),
  change: rate(20_000, 40_000),
  newWork: rate(20_000, 40_000),
};

export const limitsConfig = z.strictObject({
  /** Of one credential at one route, by the route's class. */
  rates: z.strictObject(rates).prefault({}),
  /** For single routes, by the name that OpenAPI gives them, whichever way they are asked; `feed:connect` is a new WebSocket. */
  routes: z
    .record(z.string().max(200), z.strictObject({ perSecond: z.coerce.number().positive(), burst: count(1, 10_000_000) }))
    .default({}),
  /** Of one address: different credentials that were not known. At none left, see `GuardedAuthenticator`. */
  failedTries: rate(1, 50),
  /** Buckets that are kept; of more, those not used for longest begin anew. */
  maxBuckets: count(100, 10_000_000).default(10_000),
  shedding: z
    .strictObject({
      /** Nine of ten turns of the event loop begin within so many milliseconds. */
      loopDelayMs: steps(500, 1_500, 3_000),
      /** Requests and calls that are being worked on. */
      inFlight: steps(1_000, 1_500, 2_500),
      /** Share of what may wait to be written to the store. */
      storeQueue: steps(0.5, 0.75, 0.9),
      /** Nothing is let in again before all of it was low for so long. */
      holdMs: milliseconds.default(2_000),
    })
    .prefault({}),
  connections: z
    .strictObject({
      /** Connections of one address at once. At one more, an idle one of it is closed; if none is idle, the new one. */
      perAddress: count(1, 1_000_000).default(1_000),
      /** Longest time for the headers of a request to arrive whole, and for a new connection to send any. */
      headersTimeoutMs: milliseconds.default(15_000),
      /** A connection that takes nothing of its answer for so long is cut. */
      stallLimitMs: milliseconds.default(30_000),
    })
    .prefault({}),
});

export type LimitsConfig = z.infer<typeof limitsConfig>;
export type Rate = LimitsConfig['failedTries'];

export function rateOf({ rates }: LimitsConfig, load: LoadClass): Rate {
  return load === 'new-work' ? rates.newWork : rates[load];
}

/** What is refused from each step of the load on. */
export const SHED_ORDER: readonly LoadClass[] = [...LOAD_CLASSES].reverse().filter((load) => load !== 'vital');
