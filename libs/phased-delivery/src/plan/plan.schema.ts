import { z } from 'zod';

const text = z.string().min(1).max(2_000);
/** Of a deliverable: what criteria call it by. */
const name = z
  .string()
  .max(100)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "compute-choice"');

const measure = z.strictObject({ name: text, value: z.number(), unit: z.string().max(50).default('') });
const threat = z.strictObject({ threat: text, mitigation: text.optional() });

/** What a task may come to. Facts that it does not name are not known, and no review makes them up. */
export const option = z.strictObject({
  name: text,
  why: text.optional(),
  /** By pillar, what the option does for it. */
  pillars: z.record(z.string().min(1).max(100), text).default({}),
  threats: z.array(threat).max(100).default([]),
  measures: z.array(measure).max(100).default([]),
  monthlyCost: z.number().nonnegative().optional(),
});
export type Option = z.infer<typeof option>;

const limit = z
  .strictObject({ measure: text, atMost: z.number().optional(), atLeast: z.number().optional() })
  .refine(({ atMost, atLeast }) => atMost !== undefined || atLeast !== undefined, 'expected atMost, atLeast or both');

/** What the reviews go by. A review without rules finds nothing to object to, and says so. */
export const reviews = z.strictObject({
  wellArchitected: z.strictObject({ pillars: z.array(z.string().min(1).max(100)).max(20).default([]) }).prefault({}),
  security: z.strictObject({ atLeast: z.int().nonnegative().default(0).describe('Threats that have to be looked at.') }).prefault({}),
  performance: z.strictObject({ limits: z.array(limit).max(100).default([]) }).prefault({}),
  cost: z.strictObject({ monthlyBudget: z.number().nonnegative().optional() }).prefault({}),
});
export type Reviews = z.infer<typeof reviews>;

const task = z.strictObject({
  title: text,
  name: name.optional().describe('Of what it delivers. Default: made from the title.'),
  capability: z.string().min(1).max(200).default('delivery.task'),
  notes: z.string().max(10_000).default(''),
  options: z.array(option).max(50).default([]).describe('The preferred one first.'),
});

/** A plan as it is given. */
export const givenPlan = z.strictObject({
  title: text.default('Delivery'),
  given: z.array(name).max(1_000).default([]),
  milestones: z
    .array(
      z.strictObject({
        name: text,
        entry: z.array(name).max(1_000).default([]).describe('Deliverables that have to be accepted before it begins.'),
        tasks: z.array(task).min(1).max(100),
        exit: z
          .array(name)
          .max(1_000)
          .optional()
          .describe('Deliverables that have to be there at its end. Default: those of all its tasks.'),
        reviews: reviews.prefault({}),
      }),
    )
    .min(1)
    .max(50)
    .optional(),
});
export type GivenPlan = z.infer<typeof givenPlan>;

export const preparedTask = task.extend({ name });
export type PreparedTask = z.infer<typeof preparedTask>;

export const milestone = z.strictObject({
  name: text,
  entry: z.array(name),
  tasks: z.array(preparedTask).min(1),
  exit: z.array(name),
  reviews,
});
export type Milestone = z.infer<typeof milestone>;

/** A plan with everything filled in. */
export interface Plan {
  readonly title: string;
  readonly given: readonly string[];
  readonly milestones: readonly Milestone[];
}
