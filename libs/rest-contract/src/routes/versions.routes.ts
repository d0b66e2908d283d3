import { z } from 'zod';
import { freeText, minPosition, namePath, nameText, reason, reasonBody, versionNumber } from '../request-values.js';
import { defineRoute } from '../route.js';
import { versionsChanged, workflowVersions } from '../views/workflow-views.js';

const MOST_VERSIONS = 4_294_967_295;
const versionPath = z.strictObject({ name: nameText, version: versionNumber });

export const listWorkflowVersions = defineRoute({
  id: 'listWorkflowVersions',
  method: 'GET',
  path: '/v1/workflows/{name}/versions',
  tag: 'workflows',
  summary: 'Versions of a workflow, newest first, with what new runs get',
  access: 'workflows:read',
  load: 'read',
  params: namePath,
  query: z.strictObject({ minPosition }),
  answers: { 200: { description: 'The versions and the rules', schema: workflowVersions } },
  errors: ['WORKFLOW_NOT_FOUND'],
});

const change = {
  tag: 'workflows',
  access: 'workflows:write',
  load: 'change',
  answers: { 200: { description: 'It is recorded', schema: versionsChanged } },
} as const;

export const changeRollout = defineRoute({
  ...change,
  id: 'changeRollout',
  method: 'PUT',
  path: '/v1/workflows/{name}/rollout',
  summary: 'Say which versions new runs get',
  description: 'Replaces what was said before; no rules stand for the newest version.',
  params: namePath,
  body: z.strictObject({
    rules: z
      .array(
        z.strictObject({
          version: z.int().min(1).max(MOST_VERSIONS),
          share: z.number().min(0).max(100).optional(),
          labels: z.record(nameText, freeText(1_000)).default({}),
        }),
      )
      .max(100),
    reason,
  }),
  errors: ['WORKFLOW_NOT_FOUND', 'WORKFLOW_VERSION_DRAINED'],
});

export const drainVersion = defineRoute({
  ...change,
  id: 'drainVersion',
  method: 'POST',
  path: '/v1/workflows/{name}/versions/{version}/drain',
  summary: 'Let a version have no new runs',
  description: 'Again changes nothing.',
  params: versionPath,
  body: reasonBody,
  errors: ['WORKFLOW_NOT_FOUND'],
});

export const restoreVersion = defineRoute({
  ...change,
  id: 'restoreVersion',
  method: 'POST',
  path: '/v1/workflows/{name}/versions/{version}/restore',
  summary: 'Let a version have new runs again',
  description: 'Again changes nothing.',
  params: versionPath,
  body: reasonBody,
  errors: ['WORKFLOW_NOT_FOUND'],
});
