import { z } from 'zod';
import { freeText, nameText } from '../request-values.js';

const MAX_FILTER_ENTRIES = 100;
const MAX_LABELS = 10;

export const filterNames = z.array(nameText).min(1).max(MAX_FILTER_ENTRIES);

/** Which events are wanted: those that pass every part that is given. */
export const eventSelection = {
  /** Of this run alone; its child runs are runs of their own. */
  runId: nameText.optional().meta({ description: 'Only events of this run' }),
  /** Of the run that was started from outside, and of all runs below it. */
  rootRunId: nameText.optional().meta({ description: 'Only events of this run and of all runs below it' }),
  /** Of runs of this workflow. */
  workflow: nameText.optional().meta({ description: 'Only events of runs of this workflow' }),
  /** Of runs that were started with all of these labels. */
  labels: z
    .record(nameText, freeText(1_000))
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `expected at most ${MAX_LABELS} labels`)
    .optional()
    .meta({ description: 'Only events of runs that were started with all of these labels' }),
  /** Stream categories like `run`. */
  categories: filterNames.optional().meta({ description: 'Stream categories like "run"' }),
  /** Event types like `RunStarted`. */
  types: filterNames.optional().meta({ description: 'Event types like "RunStarted"' }),
};

export type EventSelection = Readonly<z.infer<z.ZodObject<typeof eventSelection>>>;
