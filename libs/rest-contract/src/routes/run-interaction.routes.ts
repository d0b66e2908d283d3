import { z } from 'zod';
import { idPath, json, jsonObject, nameText, reason, startHeaders } from '../request-values.js';
import { defineRoute } from '../route.js';
import { queryResult, runQuery, sentSignal } from '../views/run-views.js';
import { changed } from '../views/view-values.js';

const namedPath = z.strictObject({ id: nameText, name: nameText });

export const signalRun = defineRoute({
  id: 'signalRun',
  method: 'POST',
  path: '/v1/runs/{id}/signals/{name}',
  tag: 'runs',
  summary: 'Send a signal to a run',
  description:
    'It is recorded whether somebody waits or not. Its id is that of the body, or else the Idempotency-Key; the same id again changes nothing.',
  access: 'runs:control',
  load: 'vital',
  params: namedPath,
  headers: startHeaders,
  body: z.strictObject({ payload: json.default(null), id: z.string().max(200).optional() }),
  answers: {
    201: { description: 'It is recorded', schema: sentSignal },
    200: { description: 'A signal with this id came before', schema: sentSignal },
  },
  errors: ['RUN_NOT_FOUND', 'RUN_ENDED', 'INPUT_INVALID', 'SIGNALS_FULL', 'OVERLOADED'],
});

export const listQueries = defineRoute({
  id: 'listQueries',
  method: 'GET',
  path: '/v1/runs/{id}/queries',
  tag: 'runs',
  summary: 'What can be asked of a run',
  access: 'runs:read',
  load: 'read',
  params: idPath,
  answers: { 200: { description: 'The queries', schema: z.object({ queries: z.array(runQuery).default([]) }) } },
  errors: ['RUN_NOT_FOUND'],
});

export const queryRun = defineRoute({
  id: 'queryRun',
  method: 'POST',
  path: '/v1/runs/{id}/queries/{name}',
  tag: 'runs',
  summary: 'Ask a run',
  description: 'Changes nothing.',
  access: 'runs:read',
  load: 'read',
  params: namedPath,
  body: z.strictObject({}),
  answers: { 200: { description: 'What it comes to now', schema: queryResult } },
  errors: ['RUN_NOT_FOUND', 'QUERY_NOT_FOUND', 'EXPRESSION_FAILED'],
});

export const setVariables = defineRoute({
  id: 'setVariables',
  method: 'PATCH',
  path: '/v1/runs/{id}/variables',
  tag: 'runs',
  summary: 'Set variables of a run',
  access: 'runs:control',
  load: 'change',
  params: idPath,
  body: z.strictObject({ values: jsonObject, reason }),
  answers: { 200: { description: 'It is recorded', schema: changed } },
  errors: ['RUN_NOT_FOUND', 'RUN_ENDED'],
});
