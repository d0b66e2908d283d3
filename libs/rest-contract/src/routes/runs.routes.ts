import { z } from 'zod';
import {
  freeText,
  idPath,
  jsonObject,
  minPosition,
  nameText,
  optionalName,
  paging,
  reason,
  reasonBody,
  repeated,
  startHeaders,
  versionOrNewest,
} from '../request-values.js';
import { defineRoute } from '../route.js';
import { RUN_STATUSES, runSummary, runView, startedRun } from '../views/run-views.js';
import { changed, page } from '../views/view-values.js';

const MAX_LABELS = 64;
const MAX_LABELS_ASKED = 10;

/** `key=value`; the value may contain further "=". */
export const labelTerm = nameText
  .regex(/^[^=]+=/, 'expected a label like "team=core"')
  .meta({ description: '`key=value`; a run must have all that are asked for', pattern: '^[^=]+=' })
  .transform((text) => {
    const at = text.indexOf('=');
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });

export const startRun = defineRoute({
  id: 'startRun',
  method: 'POST',
  path: '/v1/runs',
  tag: 'runs',
  summary: 'Start a run of a workflow',
  description: 'The answer comes when the start is durable. The same Idempotency-Key with the same request answers the same run.',
  access: 'runs:start',
  load: 'new-work',
  headers: startHeaders,
  body: z.strictObject({
    workflow: nameText,
    workflowVersion: versionOrNewest,
    inputs: jsonObject.optional(),
    labels: z
      .record(nameText, freeText(1_000))
      .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `expected at most ${MAX_LABELS} labels`)
      .default({}),
  }),
  answers: {
    201: { description: 'It was started', schema: startedRun, headers: ['Location'] },
    200: { description: 'It had been started before with this key', schema: startedRun, headers: ['Location'] },
  },
  errors: ['WORKFLOW_NOT_FOUND', 'INPUT_INVALID', 'IDEMPOTENCY_CONFLICT', 'WORKFLOW_VERSION_DRAINED', 'OVERLOADED'],
});

export const listRuns = defineRoute({
  id: 'listRuns',
  method: 'GET',
  path: '/v1/runs',
  tag: 'runs',
  summary: 'Runs, newest first',
  access: 'runs:read',
  load: 'read',
  query: z.strictObject({
    workflow: optionalName,
    status: z.enum(RUN_STATUSES).optional(),
    label: repeated(labelTerm, MAX_LABELS_ASKED).default([]),
    children: z.enum(['true', 'false']).default('false'),
    root: optionalName,
    ...paging,
    minPosition,
  }),
  answers: {
    200: {
      description: 'A page of runs, without their steps and outputs',
      schema: z.object({ runs: z.array(runSummary).default([]), ...page }),
    },
  },
});

export const getRun = defineRoute({
  id: 'getRun',
  method: 'GET',
  path: '/v1/runs/{id}',
  tag: 'runs',
  summary: 'A run with its steps',
  access: 'runs:read',
  load: 'read',
  params: idPath,
  query: z.strictObject({ minPosition }),
  answers: { 200: { description: 'The run', schema: z.object({ run: runView }), headers: ['ETag'] } },
  errors: ['RUN_NOT_FOUND'],
});

const control = {
  method: 'POST',
  tag: 'runs',
  access: 'runs:control',
  load: 'vital',
  params: idPath,
  answers: { 200: { description: 'It is recorded', schema: changed } },
  errors: ['RUN_NOT_FOUND', 'RUN_ENDED'],
} as const;

export const pauseRun = defineRoute({
  ...control,
  id: 'pauseRun',
  path: '/v1/runs/{id}/pause',
  summary: 'Begin nothing new in a run',
  description: 'Pausing a paused run changes nothing.',
  body: reasonBody,
});

export const resumeRun = defineRoute({
  ...control,
  id: 'resumeRun',
  path: '/v1/runs/{id}/resume',
  summary: 'Go on with a paused run',
  description: 'Resuming a running run changes nothing.',
  body: reasonBody,
});

export const cancelRun = defineRoute({
  ...control,
  id: 'cancelRun',
  path: '/v1/runs/{id}/cancel',
  summary: 'Cancel a run',
  description:
    'What was done is undone first, where steps say how; `force` leaves everything as it is. Cancelling a cancelled run changes nothing.',
  body: z.strictObject({ reason, force: z.boolean().default(false) }),
});
