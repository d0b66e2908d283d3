import { z } from 'zod';

/** An event as far as order and display need it, which is less than the contract says; its data is passed on as it came. */
export const feedEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.number(),
  position: z.number(),
  time: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type FeedEvent = z.infer<typeof feedEvent>;
