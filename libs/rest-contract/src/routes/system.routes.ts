import { z } from 'zod';
import { defineRoute } from '../route.js';
import { doctorCheck, errorCodeView, healthView, serverVersion } from '../views/system-views.js';

const health = { method: 'GET', tag: 'system', access: 'anyone', load: 'vital' } as const;
const found = {
  200: { description: 'It is', schema: healthView },
  503: { description: 'It is not', schema: healthView },
} as const;

export const getLiveness = defineRoute({
  ...health,
  id: 'getLiveness',
  path: '/health/live',
  summary: 'Whether the process answers',
  answers: { 200: { description: 'It does', schema: healthView } },
});

export const getReadiness = defineRoute({
  ...health,
  id: 'getReadiness',
  path: '/health/ready',
  summary: 'Whether it takes work',
  answers: found,
});

export const getStartup = defineRoute({
  ...health,
  id: 'getStartup',
  path: '/health/startup',
  summary: 'Whether it has started',
  answers: found,
});

export const getVersion = defineRoute({
  ...health,
  id: 'getVersion',
  path: '/version',
  summary: 'Who answers here',
  answers: { 200: { description: 'Name and version', schema: serverVersion } },
});

export const getDoctor = defineRoute({
  id: 'getDoctor',
  method: 'GET',
  path: '/v1/doctor',
  tag: 'system',
  summary: 'How the installation is',
  access: 'system:read',
  load: 'read',
  answers: { 200: { description: 'What was looked at', schema: z.object({ checks: z.array(doctorCheck).default([]) }) } },
});

export const getErrorCodes = defineRoute({
  id: 'getErrorCodes',
  method: 'GET',
  path: '/v1/error-codes',
  tag: 'system',
  summary: 'The codes that problems have',
  access: 'signed-in',
  load: 'read',
  answers: { 200: { description: 'The table', schema: z.object({ codes: z.array(errorCodeView).default([]) }) } },
});

export const getOpenApi = defineRoute({
  id: 'getOpenApi',
  method: 'GET',
  path: '/openapi.json',
  tag: 'system',
  summary: 'This document',
  access: 'anyone',
  load: 'read',
  answers: { 200: { description: 'The API in the terms of OpenAPI 3.1', schema: z.record(z.string(), z.unknown()), headers: ['ETag'] } },
});
