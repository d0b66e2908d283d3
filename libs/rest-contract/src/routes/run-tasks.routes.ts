import { z } from 'zod';
import { idPath, minPosition, nameText, optionalName, paging } from '../request-values.js';
import { defineRoute } from '../route.js';
import { explanation, taskHistory, taskView } from '../views/task-views.js';
import { page } from '../views/view-values.js';

const look = { method: 'GET', tag: 'runs', access: 'runs:read', load: 'read', params: idPath } as const;

export const listTasks = defineRoute({
  ...look,
  id: 'listTasks',
  path: '/v1/runs/{id}/tasks',
  summary: 'Tasks of a run, in the order they were scheduled',
  query: z.strictObject({ step: optionalName, ...paging, minPosition }),
  answers: { 200: { description: 'A page of tasks', schema: z.object({ tasks: z.array(taskView).default([]), ...page }) } },
  errors: ['RUN_NOT_FOUND'],
});

export const listAttempts = defineRoute({
  ...look,
  id: 'listAttempts',
  path: '/v1/runs/{id}/attempts',
  summary: 'Tasks with all of their attempts: of one task, or of each that had one that did not succeed',
  description: 'At most 200 tasks, the newest.',
  query: z.strictObject({ task: optionalName }),
  answers: { 200: { description: 'The tasks', schema: z.object({ tasks: z.array(taskHistory).default([]) }) } },
  errors: ['RUN_NOT_FOUND', 'TASK_NOT_FOUND'],
});

export const getAttempts = defineRoute({
  ...look,
  id: 'getAttempts',
  path: '/v1/runs/{id}/tasks/{task}/attempts',
  summary: 'A task with all of its attempts',
  params: z.strictObject({ id: nameText, task: nameText }),
  answers: { 200: { description: 'The task', schema: z.object({ task: taskHistory }) } },
  errors: ['RUN_NOT_FOUND', 'TASK_NOT_FOUND'],
});

export const explainTasks = defineRoute({
  ...look,
  id: 'explainTasks',
  path: '/v1/runs/{id}/why',
  summary: 'Why tasks went to their agents, or why they wait',
  description: '`task` names a task or a step; without it every open task is explained.',
  query: z.strictObject({ task: optionalName }),
  answers: { 200: { description: 'One explanation a task', schema: z.object({ explanations: z.array(explanation).default([]) }) } },
  errors: ['RUN_NOT_FOUND', 'TASK_NOT_FOUND'],
});
