import type { Permission } from '@tutti/rest-contract';
import { checkPermission, type Principal } from '../access/principal.js';

/** What a call needs: a permission, or any valid credential. */
export type RpcAccess = Permission | 'signed-in';

/** By service and method, as the routes of the same deed. */
const RPC_ACCESS: Readonly<Record<string, Readonly<Record<string, RpcAccess>>>> = {
  'tutti.v1.AccessService': {
    GetCaller: 'signed-in',
    CreateKey: 'access:manage',
    ListKeys: 'access:manage',
    GetKey: 'access:manage',
    RotateKey: 'access:manage',
    RevokeKey: 'access:manage',
    ListAudit: 'audit:read',
  },
  'tutti.v1.AgentService': {
    RegisterAgent: 'agents:control',
    DeregisterAgent: 'agents:control',
    PauseAgent: 'agents:control',
    ResumeAgent: 'agents:control',
    GetAgent: 'agents:read',
    ListAgents: 'agents:read',
  },
  'tutti.v1.EventService': { PublishEvent: 'events:publish', ReceiveWebhook: 'events:publish' },
  'tutti.v1.EventFeedService': { Follow: 'events:read' },
  'tutti.v1.NotificationService': { ListNotifications: 'notifications:read', TestChannel: 'notifications:control' },
  'tutti.v1.RunService': {
    StartRun: 'runs:start',
    GetRun: 'runs:read',
    ListRuns: 'runs:read',
    PauseRun: 'runs:control',
    ResumeRun: 'runs:control',
    CancelRun: 'runs:control',
    SignalRun: 'runs:control',
    QueryRun: 'runs:read',
    ListQueries: 'runs:read',
    SetVariables: 'runs:control',
    RepairRun: 'runs:control',
    MigrateRun: 'runs:control',
    ListTasks: 'runs:read',
    ListAttempts: 'runs:read',
    ExplainTask: 'runs:read',
    ListApprovals: 'approvals:read',
    GetApproval: 'approvals:read',
    DecideApproval: 'approvals:decide',
    DelegateApproval: 'approvals:decide',
  },
  'tutti.v1.ScheduleService': {
    CreateSchedule: 'schedules:write',
    ChangeSchedule: 'schedules:write',
    PauseSchedule: 'schedules:write',
    ResumeSchedule: 'schedules:write',
    DeleteSchedule: 'schedules:write',
    TriggerSchedule: 'runs:start',
    BackfillSchedule: 'schedules:write',
    GetSchedule: 'schedules:read',
    ListSchedules: 'schedules:read',
  },
  'tutti.v1.ServiceRegistryService': {
    RegisterService: 'services:write',
    RenewService: 'services:write',
    UpdateService: 'services:write',
    DeregisterService: 'services:write',
    ListServices: 'services:read',
  },
  'tutti.v1.WorkflowService': {
    RegisterWorkflow: 'workflows:write',
    ValidateWorkflow: 'workflows:read',
    GetWorkflow: 'workflows:read',
    ListWorkflows: 'workflows:read',
    ListWorkflowVersions: 'workflows:read',
    ChangeRollout: 'workflows:write',
    DrainWorkflowVersion: 'workflows:write',
    RestoreWorkflowVersion: 'workflows:write',
  },
  'grpc.reflection.v1.ServerReflection': { ServerReflectionInfo: 'signed-in' },
  'grpc.reflection.v1alpha.ServerReflection': { ServerReflectionInfo: 'signed-in' },
};

/** What the call at a path like `/tutti.v1.RunService/StartRun` needs; null for one that is not in the table. */
export function rpcAccess(path: string): RpcAccess | null {
  const [, service = '', method = ''] = path.split('/');
  const methods = Object.hasOwn(RPC_ACCESS, service) ? RPC_ACCESS[service] : undefined;
  return methods !== undefined && Object.hasOwn(methods, method) ? (methods[method] ?? null) : null;
}

/**
 * What is not in the table is for those who may do everything, should it be served some day.
 *
 * @throws TuttiError PERMISSION_DENIED
 */
export function checkMayCall(path: string, principal: Principal): void {
  const access = rpcAccess(path) ?? 'access:manage';
  if (access !== 'signed-in') checkPermission(principal, access);
}
