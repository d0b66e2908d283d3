import { z } from 'zod';
import { idPath, nameText, repeated, wholeNumber } from '../request-values.js';
import { defineRoute } from '../route.js';
import { eventView } from '../views/event-views.js';

const DEFAULT_LIMIT = 100;

const limit = wholeNumber(1, 10_000).default(DEFAULT_LIMIT);
const events = z.array(eventView);

export const listRunEvents = defineRoute({
  id: 'listRunEvents',
  method: 'GET',
  path: '/v1/runs/{id}/events',
  tag: 'events',
  summary: 'Events of a run, from a revision on',
  access: 'runs:read',
  load: 'read',
  params: idPath,
  query: z.strictObject({ from: wholeNumber(0).default(0), limit }),
  answers: {
    200: {
      description: 'A page of events; `nextRevision` is the `from` of the next one, null at the end',
      schema: z.object({ events, nextRevision: z.int().nullable() }),
    },
  },
  errors: ['RUN_NOT_FOUND'],
});

export const listEvents = defineRoute({
  id: 'listEvents',
  method: 'GET',
  path: '/v1/events',
  tag: 'events',
  summary: 'Recorded events after a position',
  access: 'events:read',
  load: 'read',
  query: z.strictObject({
    after: wholeNumber(-1).default(-1),
    limit,
    category: repeated(nameText, 100).optional(),
    type: repeated(nameText, 100).optional(),
  }),
  answers: {
    200: {
      description: 'A page of events; `nextAfter` is the `after` of the next one',
      schema: z.object({ events, nextAfter: z.int() }),
    },
  },
});

/** Served as a WebSocket; over plain HTTP it only says so. */
export const followFeed = defineRoute({
  id: 'followFeed',
  method: 'GET',
  path: '/v1/feed',
  tag: 'events',
  summary: 'The live feed, as a WebSocket',
  access: 'events:read',
  load: 'read',
  answers: { 101: { description: 'The connection is a WebSocket from here on' } },
});
