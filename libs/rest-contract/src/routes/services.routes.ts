import { z } from 'zod';
import { freeText, idPath, minPosition, nameText, optionalName, paging } from '../request-values.js';
import { defineRoute } from '../route.js';
import { SERVICE_HEALTH, serviceInstance } from '../views/service-views.js';
import { changed, count, page, time } from '../views/view-values.js';

const addresses = z.array(freeText(1_000)).max(100).default([]);
const metadata = z.record(nameText, freeText(1_000)).default({});
const instanceAnswer = z.object({ instance: serviceInstance, position: count });

export const listServices = defineRoute({
  id: 'listServices',
  method: 'GET',
  path: '/v1/services',
  tag: 'services',
  summary: 'Instances of services, by id; expired ones only when `health` asks for them',
  access: 'services:read',
  load: 'read',
  query: z.strictObject({ service: optionalName, health: z.enum(SERVICE_HEALTH).optional(), ...paging, minPosition }),
  answers: {
    200: { description: 'A page of instances', schema: z.object({ instances: z.array(serviceInstance).default([]), ...page }) },
  },
});

export const registerService = defineRoute({
  id: 'registerService',
  method: 'POST',
  path: '/v1/services',
  tag: 'services',
  summary: 'Register an instance under a lease',
  description: 'Idempotent by the id: the same registration again renews the lease.',
  access: 'services:write',
  load: 'change',
  body: z.strictObject({
    id: nameText,
    service: nameText,
    version: nameText,
    addresses,
    metadata,
    /** The range is the registry's to judge. */
    leaseMs: z.int().min(0).max(4_294_967_295),
  }),
  answers: { 201: { description: 'It is registered', schema: instanceAnswer } },
});

export const renewService = defineRoute({
  id: 'renewService',
  method: 'POST',
  path: '/v1/services/{id}/renew',
  tag: 'services',
  summary: 'Keep the lease of an instance',
  description: 'Again renews again.',
  access: 'services:write',
  load: 'vital',
  params: idPath,
  body: z.strictObject({ healthy: z.boolean().default(true) }),
  answers: { 200: { description: 'The lease goes on', schema: z.object({ leaseUntil: time }) } },
  errors: ['SERVICE_NOT_FOUND', 'LEASE_EXPIRED'],
});

export const updateService = defineRoute({
  id: 'updateService',
  method: 'PUT',
  path: '/v1/services/{id}',
  tag: 'services',
  summary: 'Change addresses and metadata of an instance',
  access: 'services:write',
  load: 'change',
  params: idPath,
  body: z.strictObject({ addresses, metadata }),
  answers: { 200: { description: 'It is recorded', schema: instanceAnswer } },
  errors: ['SERVICE_NOT_FOUND', 'LEASE_EXPIRED'],
});

export const deregisterService = defineRoute({
  id: 'deregisterService',
  method: 'DELETE',
  path: '/v1/services/{id}',
  tag: 'services',
  summary: 'Take an instance out',
  access: 'services:write',
  load: 'change',
  params: idPath,
  answers: { 200: { description: 'It is recorded', schema: changed } },
  errors: ['SERVICE_NOT_FOUND'],
});
