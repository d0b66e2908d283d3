import { z } from 'zod';

/** `user:ada`, `service:agent-workers`, or `demo`. Empty stands for nobody in particular. */
export const actor = z
  .string()
  .regex(/^([a-z]+:[\w.@-]{1,100}|demo)?$/, 'expected an actor like "user:ada"')
  .transform((given) => given || 'service:unknown');

/** What every list request carries. */
export const paging = {
  pageSize: z.int().nonnegative(),
  pageToken: z.string().max(4_000),
  minPosition: z.int().nonnegative(),
};
