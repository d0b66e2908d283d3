import { z } from 'zod';
import { filterNames } from '../feed/event-selection.js';
import { idPath, nameText, repeated, wholeNumber } from '../request-values.js';
import { defineRoute } from '../route.js';
import { labelTerm } from './runs.routes.js';

const MAX_NAMES = 100;
const MAX_LABELS_ASKED = 10;

const names = repeated(nameText, MAX_NAMES).pipe(filterNames).optional();
const streamHeaders = z.object({
  'last-event-id': wholeNumber(-1).optional().meta({ description: 'Where a reader goes on: wins over `after`' }),
});
const after = wholeNumber(-1).optional().meta({ description: 'Events after this position; -1 for all' });
const stream = {
  method: 'GET',
  tag: 'events',
  load: 'read',
  headers: streamHeaders,
} as const;
const TEXT = 'text/event-stream';

export const streamEvents = defineRoute({
  ...stream,
  access: 'events:read',
  id: 'streamEvents',
  path: '/v1/events/stream',
  summary: 'Events as they come, as server-sent events',
  description:
    'Without `after` and Last-Event-ID only what comes. Each event has its type as `event` and its position as `id`; `caught-up` says once that all was given that was there; `problem` is the last one of a stream that the server ends.',
  query: z.strictObject({
    after,
    category: names,
    type: names,
    runId: nameText.optional(),
    root: nameText.optional().meta({ description: 'This run and all below it' }),
    workflow: nameText.optional(),
    label: repeated(labelTerm, MAX_LABELS_ASKED).optional(),
  }),
  answers: { 200: { description: 'It does not end by itself', contentType: TEXT, schema: z.string() } },
  errors: ['OVERLOADED'],
});

export const streamRunEvents = defineRoute({
  ...stream,
  access: 'runs:read',
  id: 'streamRunEvents',
  path: '/v1/runs/{id}/events/stream',
  summary: 'Events of a run until it has ended, as server-sent events',
  description:
    'Without `after` and Last-Event-ID from its first event on. `end` is the last one, behind the last event of a run that has ended.',
  params: idPath,
  query: z.strictObject({ after, type: names }),
  answers: {
    200: { description: 'It ends with the run', contentType: TEXT, schema: z.string() },
    204: { description: 'The run has ended, and nothing of it is behind the Last-Event-ID: browsers ask no more then' },
  },
  errors: ['RUN_NOT_FOUND', 'OVERLOADED'],
});
