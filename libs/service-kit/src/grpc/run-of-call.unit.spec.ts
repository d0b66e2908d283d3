import { describe, expect, it } from '@jest/globals';
import { runIdOfKey } from '@tutti/contracts';
import { COORDINATOR_CONTRACTS } from './contracts.js';
import { targetOf } from './run-of-call.js';

const methods = COORDINATOR_CONTRACTS.flatMap(({ definition }) => Object.keys(definition));
const request = { runId: 'r1', approvalId: 'r2.step.gate.1', idempotencyKey: 'k' };

describe('whom a call to the coordinators is for', () => {
  it('is the owner of the run, for whatever is done with one run or answered from its memory', () => {
    const owned = methods.filter((method) => targetOf(method, request).kind === 'owner').sort();
    expect(owned).toEqual([
      'cancelRun',
      'decideApproval',
      'delegateApproval',
      'explainTask',
      'listQueries',
      'migrateRun',
      'pauseRun',
      'queryRun',
      'repairRun',
      'resumeRun',
      'setVariables',
      'signalRun',
      'startRun',
    ]);
  });

  it('is any of them, for what is read from the store or read models, and for what is no run', () => {
    const anyones = methods.filter((method) => targetOf(method, request).kind === 'any').sort();
    expect(anyones).toEqual([
      'backfillSchedule',
      'changeRollout',
      'changeSchedule',
      'createSchedule',
      'deleteSchedule',
      'drainWorkflowVersion',
      'getApproval',
      'getRun',
      'getSchedule',
      'getWorkflow',
      'listApprovals',
      'listAttempts',
      'listNotifications',
      'listRuns',
      'listSchedules',
      'listTasks',
      'listWorkflowVersions',
      'listWorkflows',
      'pauseSchedule',
      'publishEvent',
      'receiveWebhook',
      'registerWorkflow',
      'restoreWorkflowVersion',
      'resumeSchedule',
      'testChannel',
      'triggerSchedule',
      'validateWorkflow',
    ]);
  });

  it('follows from the run, the approval or the key that the call names', () => {
    expect(targetOf('cancelRun', request)).toEqual({ kind: 'owner', runId: 'r1' });
    expect(targetOf('decideApproval', request)).toEqual({ kind: 'owner', runId: 'r2' });
    expect(targetOf('startRun', request)).toEqual({ kind: 'owner', runId: runIdOfKey('k') });
    expect(targetOf('startRun', { idempotencyKey: '' })).toEqual({ kind: 'start' });
  });

  it('is somebody even where the call names nothing: they say what is wrong with it', () => {
    expect(targetOf('cancelRun', {})).toEqual({ kind: 'owner', runId: '' });
    expect(targetOf('cancelRun', null)).toEqual({ kind: 'owner', runId: '' });
    expect(targetOf('decideApproval', { approvalId: 7 })).toEqual({ kind: 'owner', runId: '' });
  });
});
