import { z } from 'zod';
import { freeText, idPath, minPosition, nameText, optionalName, paging, sha256 } from '../request-values.js';
import { defineRoute } from '../route.js';
import { APPROVAL_STATUSES, approvalView, decision } from '../views/approval-views.js';
import { page } from '../views/view-values.js';

const reason = freeText(10_000).default('');
const decisionBody = z.strictObject({ payloadHash: sha256, reason });

export const listApprovals = defineRoute({
  id: 'listApprovals',
  method: 'GET',
  path: '/v1/approvals',
  tag: 'approvals',
  summary: 'Approvals, oldest first',
  description: '`runId` asks for those of the run and of all runs below it.',
  access: 'approvals:read',
  load: 'read',
  query: z.strictObject({ status: z.enum(APPROVAL_STATUSES).optional(), runId: optionalName, ...paging, minPosition }),
  answers: {
    200: {
      description: 'A page of approvals, without payloads',
      schema: z.object({ approvals: z.array(approvalView).default([]), ...page }),
    },
  },
});

export const getApproval = defineRoute({
  id: 'getApproval',
  method: 'GET',
  path: '/v1/approvals/{id}',
  tag: 'approvals',
  summary: 'An approval with what is to be approved',
  access: 'approvals:read',
  load: 'read',
  params: idPath,
  query: z.strictObject({ minPosition }),
  answers: { 200: { description: 'The approval', schema: z.object({ approval: approvalView }), headers: ['ETag'] } },
  errors: ['APPROVAL_NOT_FOUND'],
});

const decide = {
  method: 'POST',
  tag: 'approvals',
  access: 'approvals:decide',
  load: 'vital',
  params: idPath,
  answers: { 200: { description: 'It is recorded', schema: decision } },
} as const;

export const approve = defineRoute({
  ...decide,
  id: 'approve',
  path: '/v1/approvals/{id}/approve',
  summary: 'Approve what was shown',
  description: 'The same decision by the same actor again changes nothing.',
  body: decisionBody,
  errors: ['APPROVAL_NOT_FOUND', 'APPROVAL_DECIDED', 'PAYLOAD_CHANGED', 'NOT_AN_APPROVER', 'RUN_ENDED'],
});

export const reject = defineRoute({
  ...decide,
  id: 'reject',
  path: '/v1/approvals/{id}/reject',
  summary: 'Reject what was shown',
  description: 'The same decision by the same actor again changes nothing.',
  body: decisionBody,
  errors: ['APPROVAL_NOT_FOUND', 'APPROVAL_DECIDED', 'PAYLOAD_CHANGED', 'NOT_AN_APPROVER', 'RUN_ENDED'],
});

export const delegateApproval = defineRoute({
  ...decide,
  id: 'delegateApproval',
  path: '/v1/approvals/{id}/delegate',
  summary: 'Give the decision to somebody else',
  description: 'Whoever asks gives their own away. Again changes nothing.',
  body: z.strictObject({ to: nameText, reason }),
  errors: ['APPROVAL_NOT_FOUND', 'APPROVAL_DECIDED', 'NOT_AN_APPROVER', 'RUN_ENDED'],
});
