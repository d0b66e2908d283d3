import { z } from 'zod';
import { json, minPosition, namePath, paging, versionNumber } from '../request-values.js';
import { defineRoute } from '../route.js';
import { definitionProblem, workflowSummary, workflowView } from '../views/workflow-views.js';
import { count, flag, page } from '../views/view-values.js';

const definition = {
  bodyTypes: ['application/yaml', 'application/json', 'text/yaml', 'application/x-yaml'],
  textBody: true,
  body: z.string().min(1),
} as const;
const registered = z.object({ workflow: workflowView, created: flag, position: count });

export const registerWorkflow = defineRoute({
  ...definition,
  id: 'registerWorkflow',
  method: 'POST',
  path: '/v1/workflows',
  tag: 'workflows',
  summary: 'Register a definition as the next version of its workflow',
  description: 'The body is the definition, in YAML or JSON. What the newest version already says is not registered again.',
  access: 'workflows:write',
  load: 'change',
  answers: {
    201: { description: 'It is registered', schema: registered, headers: ['Location'] },
    200: { description: 'The newest version says the same', schema: registered, headers: ['Location'] },
  },
  errors: ['DEFINITION_INVALID'],
});

export const validateWorkflow = defineRoute({
  ...definition,
  id: 'validateWorkflow',
  method: 'POST',
  path: '/v1/workflows/validate',
  tag: 'workflows',
  summary: 'Check a definition without registering it',
  access: 'workflows:read',
  load: 'read',
  answers: {
    200: { description: 'Every problem; none when it is valid', schema: z.object({ problems: z.array(definitionProblem).default([]) }) },
  },
});

export const listWorkflows = defineRoute({
  id: 'listWorkflows',
  method: 'GET',
  path: '/v1/workflows',
  tag: 'workflows',
  summary: 'The newest version of each workflow, by name',
  access: 'workflows:read',
  load: 'read',
  query: z.strictObject({ ...paging, minPosition }),
  answers: {
    200: {
      description: 'A page of workflows, without their texts',
      schema: z.object({ workflows: z.array(workflowSummary).default([]), ...page }),
    },
  },
});

export const getWorkflow = defineRoute({
  id: 'getWorkflow',
  method: 'GET',
  path: '/v1/workflows/{name}',
  tag: 'workflows',
  summary: 'A version of a workflow, the newest unless `version` says which',
  access: 'workflows:read',
  load: 'read',
  params: namePath,
  query: z.strictObject({ version: versionNumber.default(0), minPosition }),
  answers: { 200: { description: 'The version', schema: z.object({ workflow: workflowView }), headers: ['ETag'] } },
  errors: ['WORKFLOW_NOT_FOUND'],
});

export const getWorkflowSchema = defineRoute({
  id: 'getWorkflowSchema',
  method: 'GET',
  path: '/v1/schemas/workflow',
  tag: 'workflows',
  summary: 'JSON Schema of definitions, for editors',
  access: 'signed-in',
  load: 'read',
  answers: { 200: { description: 'The JSON Schema', schema: z.record(z.string(), json) } },
});
