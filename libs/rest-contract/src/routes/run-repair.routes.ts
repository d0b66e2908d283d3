import { z } from 'zod';
import { idPath, json, jsonObject, keyHeaders, nameText, reason, versionOrNewest } from '../request-values.js';
import { defineRoute } from '../route.js';
import { migratedRun, repairedRun } from '../views/run-views.js';

const repair = {
  method: 'POST',
  tag: 'runs',
  access: 'runs:control',
  load: 'change',
  params: idPath,
  headers: keyHeaders,
  answers: { 200: { description: 'It goes on', schema: repairedRun } },
  errors: ['RUN_NOT_FOUND', 'NOT_REPAIRABLE'],
} as const;

export const retryRun = defineRoute({
  ...repair,
  id: 'retryRun',
  path: '/v1/runs/{id}/retry',
  summary: 'Go on from the steps that failed',
  body: z.strictObject({ inputs: jsonObject.default({}), reason }),
});

export const resetRun = defineRoute({
  ...repair,
  id: 'resetRun',
  path: '/v1/runs/{id}/reset',
  summary: 'Go back to steps: they and all that needs them are done anew',
  body: z.strictObject({ steps: z.array(nameText).min(1).max(1_000), inputs: jsonObject.default({}), reason }),
});

export const skipStep = defineRoute({
  ...repair,
  id: 'skipStep',
  path: '/v1/runs/{id}/steps/{step}/skip',
  summary: 'Count a step as done',
  params: z.strictObject({ id: nameText, step: nameText }),
  body: z.strictObject({ output: json.default(null), reason }),
});

export const migrateRun = defineRoute({
  id: 'migrateRun',
  method: 'POST',
  path: '/v1/runs/{id}/migrate',
  tag: 'runs',
  summary: 'Let a run go on by another version of its workflow',
  description: 'A run that goes by the version already is left as it is. With `dryRun` what speaks against it is an answer.',
  access: 'runs:control',
  load: 'change',
  params: idPath,
  body: z.strictObject({
    toVersion: versionOrNewest,
    dryRun: z.boolean().default(false),
    mapping: z.record(nameText, nameText).default({}),
    reason,
  }),
  answers: { 200: { description: 'What came of it', schema: migratedRun } },
  errors: ['RUN_NOT_FOUND', 'RUN_ENDED', 'WORKFLOW_NOT_FOUND', 'WORKFLOW_VERSION_DRAINED', 'MIGRATION_REFUSED'],
});
