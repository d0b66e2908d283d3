import {
  ApprovalStatus,
  NotificationStatus,
  RunStatus,
  ServiceHealth,
  StepStatus,
  type Agent,
  type AgentService,
  type EventService,
  type ApprovalView,
  type NotificationService,
  type NotificationView,
  type RunService,
  type RunView,
  type ScheduleService,
  type ServiceRegistryService,
  type TaskHistory,
  type Workflow,
  type WorkflowService,
  type WorkflowVersionView,
} from '@tutti/contracts';
import { A_SCHEDULE } from './fake-schedules.js';

const AT = '2026-01-01T00:00:00.000Z';

export const A_HASH = 'a'.repeat(64);

export const A_RUN: RunView = {
  id: 'r-1',
  workflow: 'greet',
  workflowVersion: 2,
  status: RunStatus.RUN_STATUS_RUNNING,
  labels: { team: 'core' },
  startedBy: 'user:ann',
  startedAt: AT,
  endedAt: undefined,
  steps: [
    {
      id: 'ask',
      name: 'Ask',
      status: StepStatus.STEP_STATUS_AWAITING_APPROVAL,
      needs: [],
      agent: '',
      attempts: 0,
      tasks: 0,
      tasksSucceeded: 0,
      tasksFailed: 0,
      gates: [],
      skipReason: '',
      iteration: 0,
      children: [
        {
          ...{ runId: 'r-1~0123456789abcdef', task: 'ask', workflow: 'greet', block: 'ask', detached: false, startedAt: AT },
          status: RunStatus.RUN_STATUS_PAUSED,
        },
      ],
    },
  ],
  outputs: undefined,
  position: 7,
  rootRunId: 'r-1',
  block: '',
};

export const A_HISTORY: TaskHistory = {
  task: 'ask[3]',
  step: 'ask',
  capability: 'text.write',
  status: 'failed',
  scheduledAt: AT,
  attempts: [
    {
      ...{
        attempt: 1,
        agent: 'writer',
        agentVersion: '1.0.0',
        worker: 'w-1',
        assignedAt: AT,
        endedAt: AT,
        outcome: 'lost',
        lateResult: '',
      },
      error: { code: 'WORKER_LOST', message: 'gone', step: 'ask' },
    },
  ],
};

export const AN_APPROVAL: ApprovalView = {
  id: 'a-1',
  runId: 'r-1',
  workflow: 'greet',
  step: 'ask',
  gate: 'sign-off',
  title: 'Sign off',
  status: ApprovalStatus.APPROVAL_STATUS_PENDING,
  payloadHash: A_HASH,
  payload: { text: 'RUN_STATUS_RUNNING' },
  requestedAt: AT,
  ...{ approvers: [], barred: [], quorum: 1, approvedBy: [] },
  decidedBy: '',
  reason: '',
  rootRunId: 'r-1',
  path: [{ runId: 'r-1', workflow: 'greet', task: 'ask' }],
};

const AN_AGENT: Agent = {
  profile: {
    name: 'writer',
    version: '1.0.0',
    description: '',
    role: '',
    capabilities: ['text.write'],
    specialisations: [],
    prompt: '',
    model: '',
    tools: [],
    limits: { concurrency: 1, timeoutMs: 0 },
    kind: 'class',
    metadata: { team: 'core' },
  },
  status: 'registered',
  registeredAt: AT,
  changedAt: AT,
  generation: 1,
};

const A_WORKFLOW: Workflow = {
  name: 'greet',
  version: 2,
  description: '',
  hash: A_HASH,
  definition: { name: 'greet' },
  source: 'name: greet',
  registeredAt: AT,
};

const A_VERSION: WorkflowVersionView = {
  ...{ version: 2, hash: A_HASH, registeredAt: AT, isNewest: true, drained: false, share: 10, openRuns: 3, moreOpenRuns: false },
};

const A_NOTIFICATION: NotificationView = {
  ...{ id: 'ntf_1', channel: 'on-call', on: 'run.failed', to: [], title: 'greet failed', runId: 'r-1', workflow: 'greet', step: '' },
  ...{ approvalId: '', status: NotificationStatus.NOTIFICATION_STATUS_UNDELIVERABLE, attempts: 9, requestedAt: AT, attemptedAt: AT },
  ...{ retryAt: undefined, errorCode: 'HTTP_503', errorMessage: 'the receiver answered 503' },
};

type AllServices = EventService &
  ScheduleService &
  NotificationService &
  RunService &
  WorkflowService &
  AgentService &
  ServiceRegistryService;

export interface FakeServices extends AllServices {
  /** What came in, in order: method and request. */
  readonly calls: { readonly method: string; readonly request: unknown }[];
  /** From now on every call throws this; null for no more. */
  fail(error: unknown): void;
  /** Whether what is created existed before. */
  repeat(repeated: boolean): void;
}

/** All contracts with fixed answers, and a record of what was asked. */
export function createFakeServices(): FakeServices {
  const calls: { readonly method: string; readonly request: unknown }[] = [];
  let failure: unknown = null;
  let created = true;
  const answer =
    <Request, Response>(method: string, response: () => Response) =>
    async (request: Request): Promise<Response> => {
      calls.push({ method, request });
      if (failure !== null) throw failure as Error;
      return response();
    };
  const instance = {
    id: 'coordinator-1',
    service: 'coordinator',
    version: '0.1.0',
    addresses: ['grpc://127.0.0.1:4710'],
    metadata: {},
    health: ServiceHealth.SERVICE_HEALTH_HEALTHY,
    registeredAt: AT,
    leaseUntil: AT,
  };
  return {
    calls,
    fail: (error) => (failure = error),
    repeat: (repeated) => (created = !repeated),
    startRun: answer('startRun', () => ({ runId: 'r-1', position: 7, workflowVersion: 2, created })),
    getRun: answer('getRun', () => ({ run: A_RUN })),
    listRuns: answer('listRuns', () => ({ runs: [A_RUN], nextPageToken: 'next' })),
    cancelRun: answer('cancelRun', () => ({ position: 8 })),
    pauseRun: answer('pauseRun', () => ({ position: 8 })),
    resumeRun: answer('resumeRun', () => ({ position: 8 })),
    signalRun: answer('signalRun', () => ({ signalId: 's-1', position: 8, created })),
    queryRun: answer('queryRun', () => ({ value: { done: 3 }, position: 8 })),
    listQueries: answer('listQueries', () => ({ queries: [{ name: 'state', expression: '' }] })),
    repairRun: answer('repairRun', () => ({ position: 8, steps: ['draft'] })),
    setVariables: answer('setVariables', () => ({ position: 8 })),
    listAttempts: answer('listAttempts', () => ({ tasks: [A_HISTORY] })),
    listTasks: answer('listTasks', () => ({ tasks: [], nextPageToken: '' })),
    explainTask: answer('explainTask', () => ({ explanations: [] })),
    listApprovals: answer('listApprovals', () => ({ approvals: [AN_APPROVAL], nextPageToken: '' })),
    getApproval: answer('getApproval', () => ({ approval: AN_APPROVAL })),
    delegateApproval: answer('delegateApproval', () => ({ runId: 'r-1', position: 9 })),
    decideApproval: answer('decideApproval', () => ({ runId: 'r-1', position: 9 })),
    registerWorkflow: answer('registerWorkflow', () => ({ workflow: A_WORKFLOW, created, position: 3 })),
    validateWorkflow: answer('validateWorkflow', () => ({
      problems: [{ line: 1, column: 2, path: '/steps', message: 'expected an object' }],
    })),
    getWorkflow: answer('getWorkflow', () => ({ workflow: A_WORKFLOW })),
    listWorkflowVersions: answer('listWorkflowVersions', () => ({ versions: [A_VERSION], rules: [{ version: 2, share: 10, labels: {} }] })),
    changeRollout: answer('changeRollout', () => ({ changed: true, position: 4 })),
    drainWorkflowVersion: answer('drainWorkflowVersion', () => ({ changed: true, position: 5 })),
    restoreWorkflowVersion: answer('restoreWorkflowVersion', () => ({ changed: false, position: 6 })),
    migrateRun: answer('migrateRun', () => ({ fromVersion: 1, toVersion: 2, problems: [], added: ['publish'], dropped: [], position: 12 })),
    listWorkflows: answer('listWorkflows', () => ({ workflows: [A_WORKFLOW], nextPageToken: '' })),
    registerAgent: answer('registerAgent', () => ({ agent: AN_AGENT, changed: true, position: 1 })),
    pauseAgent: answer('pauseAgent', () => ({ position: 2 })),
    resumeAgent: answer('resumeAgent', () => ({ position: 3 })),
    deregisterAgent: answer('deregisterAgent', () => ({ position: 1 })),
    getAgent: answer('getAgent', () => ({ agent: AN_AGENT })),
    listAgents: answer('listAgents', () => ({ agents: [AN_AGENT], nextPageToken: '' })),
    createSchedule: answer('createSchedule', () => ({ schedule: A_SCHEDULE, created, position: 4 })),
    changeSchedule: answer('changeSchedule', () => ({ schedule: A_SCHEDULE, position: 5 })),
    getSchedule: answer('getSchedule', () => ({ schedule: A_SCHEDULE })),
    listSchedules: answer('listSchedules', () => ({ schedules: [A_SCHEDULE], nextPageToken: 'next' })),
    pauseSchedule: answer('pauseSchedule', () => ({ position: 6 })),
    resumeSchedule: answer('resumeSchedule', () => ({ position: 6 })),
    deleteSchedule: answer('deleteSchedule', () => ({ position: 6 })),
    triggerSchedule: answer('triggerSchedule', () => ({ runId: 'r-1', position: 7 })),
    backfillSchedule: answer('backfillSchedule', () => ({ backfillId: 'b-1', count: 3, position: 7 })),
    publishEvent: answer('publishEvent', () => ({ position: 9 })),
    receiveWebhook: answer('receiveWebhook', () => ({ position: 9 })),
    listNotifications: answer('listNotifications', () => ({ notifications: [A_NOTIFICATION], nextPageToken: '' })),
    testChannel: answer('testChannel', () => ({ id: 'ntf_2', delivered: true, answer: '204 No Content', errorCode: '', errorMessage: '' })),
    registerService: answer('registerService', () => ({ instance, position: 1 })),
    renewService: answer('renewService', () => ({ leaseUntil: AT })),
    updateService: answer('updateService', () => ({ instance, position: 1 })),
    deregisterService: answer('deregisterService', () => ({ position: 1 })),
    listServices: answer('listServices', () => ({ instances: [instance], nextPageToken: '' })),
  };
}
