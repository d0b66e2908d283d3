import { z } from 'zod';
import { option } from '../plan/plan.schema.js';

/** What a task delivered: which option, and the facts that reviews go by. Agents of other packages may leave out what they do not know. */
export const deliverable = option
  .omit({ name: true, why: true })
  .extend({ name: z.string(), title: z.string().default(''), choice: z.string().default(''), text: z.string().default('') });
export type Deliverable = z.infer<typeof deliverable>;
