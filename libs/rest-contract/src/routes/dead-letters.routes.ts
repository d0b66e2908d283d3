import { z } from 'zod';
import { idPath, optionalName, paging, reasonBody } from '../request-values.js';
import { defineRoute } from '../route.js';
import { deadLetterSummary, deadLetterView, settledLetter } from '../views/dead-letter-views.js';
import { page } from '../views/view-values.js';

export const listDeadLetters = defineRoute({
  id: 'listDeadLetters',
  method: 'GET',
  path: '/v1/dead-letters',
  tag: 'dead-letters',
  summary: 'Messages that nobody could handle, oldest first',
  access: 'dead-letters:read',
  load: 'read',
  query: z.strictObject({ topic: optionalName, group: optionalName, ...paging }),
  answers: {
    200: {
      description: 'A page of dead letters, without payloads',
      schema: z.object({ deadLetters: z.array(deadLetterSummary).default([]), ...page }),
    },
  },
});

export const getDeadLetter = defineRoute({
  id: 'getDeadLetter',
  method: 'GET',
  path: '/v1/dead-letters/{id}',
  tag: 'dead-letters',
  summary: 'A dead letter with its payload and every rejection',
  access: 'dead-letters:read',
  load: 'read',
  params: idPath,
  answers: { 200: { description: 'The letter', schema: z.object({ deadLetter: deadLetterView }) } },
  errors: ['DEAD_LETTER_NOT_FOUND'],
});

const settle = {
  method: 'POST',
  tag: 'dead-letters',
  access: 'dead-letters:control',
  load: 'change',
  params: idPath,
  body: reasonBody,
  answers: { 200: { description: 'It is settled', schema: settledLetter } },
  errors: ['DEAD_LETTER_NOT_FOUND'],
} as const;

export const replayDeadLetter = defineRoute({
  ...settle,
  id: 'replayDeadLetter',
  path: '/v1/dead-letters/{id}/replay',
  summary: 'Hand a dead letter to its group once more',
});

export const discardDeadLetter = defineRoute({
  ...settle,
  id: 'discardDeadLetter',
  path: '/v1/dead-letters/{id}/discard',
  summary: 'Forget a dead letter',
});
