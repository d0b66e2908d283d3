import { z } from 'zod';
import { PERMISSIONS, ROLES } from '../permissions.js';
import { freeText, idPath, minPosition, nameText, paging, wholeNumber } from '../request-values.js';
import { defineRoute } from '../route.js';
import { apiKeyView, auditEntry, callerView, issuedKey } from '../views/access-views.js';
import { changed, page } from '../views/view-values.js';

const DEFAULT_OVERLAP_SECONDS = 3_600;
const MAX_OVERLAP_SECONDS = 30 * 86_400;

const ACTOR = /^(?:demo|[a-z]+:[\w.@-]{1,100})$/;
const instant = z.iso.datetime({ offset: true });

const createKeyBody = z
  .strictObject({
    /** Unique among the keys that are not revoked. */
    name: z.string().regex(/^[\w.@-]{1,100}$/, 'expected 1 to 100 letters, digits, dots, hyphens, underscores or @'),
    /** Either a role, or a list of permissions. */
    role: z.enum(ROLES).optional(),
    permissions: z.array(z.enum(PERMISSIONS)).min(1).max(PERMISSIONS.length).optional(),
    expiresAt: instant.optional(),
  })
  .refine(({ role, permissions }) => (role === undefined) !== (permissions === undefined), 'expected either a role or permissions');

const rotateKeyBody = z.strictObject({
  /** How long the secret from before holds as well; 0 ends it at once. */
  overlapSeconds: z.int().min(0).max(MAX_OVERLAP_SECONDS).default(DEFAULT_OVERLAP_SECONDS),
});

const keys = { tag: 'access', access: 'access:manage' } as const;

export const createKey = defineRoute({
  ...keys,
  id: 'createKey',
  method: 'POST',
  path: '/v1/access/keys',
  summary: 'Make an API key',
  description: 'The answer has the secret, which is shown this once. A key is given no more than its maker may do.',
  load: 'change',
  body: createKeyBody,
  answers: { 201: { description: 'The key and its secret', schema: issuedKey } },
  errors: ['KEY_EXISTS', 'OVERLOADED'],
});

export const listKeys = defineRoute({
  ...keys,
  id: 'listKeys',
  method: 'GET',
  path: '/v1/access/keys',
  summary: 'API keys, oldest first',
  load: 'read',
  query: z.strictObject({ includeRevoked: z.enum(['true', 'false', '']).default('false'), ...paging, minPosition }),
  answers: {
    200: { description: 'A page of keys, without secrets', schema: z.object({ keys: z.array(apiKeyView).default([]), ...page }) },
  },
});

export const getKey = defineRoute({
  ...keys,
  id: 'getKey',
  method: 'GET',
  path: '/v1/access/keys/{id}',
  summary: 'An API key',
  load: 'read',
  params: idPath,
  query: z.strictObject({ minPosition }),
  answers: { 200: { description: 'The key, without its secret', schema: z.object({ key: apiKeyView }) } },
  errors: ['KEY_NOT_FOUND'],
});

export const rotateKey = defineRoute({
  ...keys,
  id: 'rotateKey',
  method: 'POST',
  path: '/v1/access/keys/{id}/rotate',
  summary: 'Give an API key a new secret',
  description: 'The answer has the new secret, which is shown this once. The one from before holds for the overlap.',
  load: 'change',
  params: idPath,
  body: rotateKeyBody,
  answers: { 200: { description: 'The key and its new secret', schema: issuedKey } },
  errors: ['KEY_NOT_FOUND', 'KEY_REVOKED'],
});

export const revokeKey = defineRoute({
  ...keys,
  id: 'revokeKey',
  method: 'POST',
  path: '/v1/access/keys/{id}/revoke',
  summary: 'End an API key',
  description: 'It is refused from now on, and what it keeps open ends, as do sessions that were started with it. Repeats answer the same.',
  load: 'vital',
  params: idPath,
  body: z.strictObject({ reason: freeText(1_000).default('') }),
  answers: { 200: { description: 'It is recorded', schema: changed } },
  errors: ['KEY_NOT_FOUND'],
});

export const getCaller = defineRoute({
  id: 'getCaller',
  method: 'GET',
  path: '/v1/access/me',
  tag: 'access',
  summary: 'Who asks, and what they may do',
  access: 'signed-in',
  load: 'read',
  answers: { 200: { description: 'The caller', schema: z.object({ caller: callerView }) } },
});

export const startSession = defineRoute({
  id: 'startSession',
  method: 'POST',
  path: '/v1/access/session',
  tag: 'access',
  summary: 'Sign in to the page',
  description:
    'Takes any bearer credential and answers a cookie that stands for it, which scripts cannot read. It ends with the credential. With a credential that may act as others the session may have an actor of its own.',
  access: 'signed-in',
  load: 'vital',
  body: z.strictObject({ actor: z.string().regex(ACTOR, 'expected a kind and a name like "user:ann", or "demo"').optional() }),
  answers: { 201: { description: 'The caller, as the session stands for it; with Set-Cookie', schema: z.object({ caller: callerView }) } },
  errors: ['OVERLOADED'],
});

export const endSession = defineRoute({
  id: 'endSession',
  method: 'DELETE',
  path: '/v1/access/session',
  tag: 'access',
  summary: 'Sign out of the page',
  description: 'Ends the session of the cookie, and takes the cookie back. Without a session nothing is ended.',
  access: 'signed-in',
  load: 'vital',
  answers: { 204: { description: 'The session is over' } },
});

export const listAudit = defineRoute({
  id: 'listAudit',
  method: 'GET',
  path: '/v1/audit',
  tag: 'access',
  summary: 'Who changed what, newest first',
  description:
    'Changes by people, keys and agents through the door, and refused requests. What the system does by itself is in /v1/events.',
  access: 'audit:read',
  load: 'read',
  query: z.strictObject({
    actor: nameText.optional(),
    category: nameText.optional(),
    type: nameText.optional(),
    since: instant.optional(),
    until: instant.optional(),
    ...paging,
    minPosition: wholeNumber(0).default(0),
  }),
  answers: { 200: { description: 'A page of entries', schema: z.object({ entries: z.array(auditEntry).default([]), ...page }) } },
});
