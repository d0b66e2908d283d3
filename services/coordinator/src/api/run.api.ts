import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type {
  CancelRunRequest,
  CancelRunResponse,
  DecideApprovalRequest,
  DecideApprovalResponse,
  DelegateApprovalRequest,
  DelegateApprovalResponse,
  ExplainTaskRequest,
  ExplainTaskResponse,
  GetApprovalRequest,
  GetApprovalResponse,
  GetRunRequest,
  GetRunResponse,
  ListApprovalsRequest,
  ListApprovalsResponse,
  ListAttemptsRequest,
  ListAttemptsResponse,
  ListQueriesRequest,
  ListQueriesResponse,
  ListRunsRequest,
  ListRunsResponse,
  ListTasksRequest,
  ListTasksResponse,
  MigrateRunRequest,
  MigrateRunResponse,
  PauseRunRequest,
  PauseRunResponse,
  QueryRunRequest,
  QueryRunResponse,
  ResumeRunRequest,
  ResumeRunResponse,
  RunService,
  RepairRunRequest,
  RepairRunResponse,
  SetVariablesRequest,
  SetVariablesResponse,
  SignalRunRequest,
  SignalRunResponse,
  StartRunRequest,
  StartRunResponse,
} from '@tutti/contracts';
import { jsonObject, jsonValue, sha256 } from '@tutti/contracts';
import { parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { ExplainTask } from './explain-task.js';
import { ListAttempts } from './list-attempts.js';
import { ListQueries, QueryRun } from './query-run.js';
import { MigrateRunCommand } from './migrate-run.js';
import { actor, isCountIn, reason, runId } from './request-fields.js';
import { DecideApproval, DelegateApproval } from './approval-commands.js';
import { CancelRun, PauseRun, ResumeRun, StartRun } from './run-commands.js';
import { RepairRun } from './repair-run.js';
import { SetVariables } from './set-variables.js';
import { SignalRun } from './signal-run.js';
import { GetApproval, GetRun, ListApprovals, ListRuns, ListTasks } from './run-queries.js';
import { isTriggeredKey } from '../triggers/triggered-key.js';

const startRun = z.object({
  workflow: z.string().min(1, 'expected the name of a workflow').max(100),
  workflowVersion: z.int().min(0).default(0),
  inputs: jsonObject.default({}),
  labels: z
    .record(z.string().min(1).max(100), z.string().max(500))
    .default({})
    .refine((labels) => Object.keys(labels).length <= 50, 'at most 50 labels are taken'),
  idempotencyKey: z
    .string()
    .max(200, 'at most 200 characters')
    .refine((key) => !isTriggeredKey(key), 'keys that begin so are those of schedules and triggers')
    .default(''),
  actor,
  traceparent: z.string().max(200).default(''),
});
/** What holds, resumes or ends a run. */
const changeRun = z.object({ runId, actor, reason });
const cancelRun = changeRun.extend({ force: z.boolean().default(false) });
const delegateApproval = z.object({
  approvalId: z.string().min(1).max(500),
  to: z.string().min(1, 'expected who is to decide').max(200),
  actor,
  reason,
});
const decideApproval = z.object({ approvalId: z.string().min(1).max(500), approve: z.boolean(), payloadHash: sha256, actor, reason });

const signalRun = z.object({
  ...{ runId, actor },
  name: z.string().min(1, 'expected the name of a signal').max(200),
  payload: jsonValue.default(null),
  signalId: z.string().max(200, 'at most 200 characters').default(''),
  traceparent: z.string().max(200).default(''),
});
const setVariables = z.object({
  ...{ runId, actor, reason },
  values: jsonObject.refine((values) => isCountIn(values, 1, 100), 'expected 1 to 100 variables'),
});

const repairRun = z
  .object({
    ...{ runId, actor, reason },
    repairId: z.string().max(200, 'at most 200 characters').default(''),
    failedSteps: z.boolean().default(false),
    steps: z.array(z.string().min(1).max(200)).max(1_000).default([]),
    inputs: jsonObject.default({}),
    outputs: jsonObject.default({}),
  })
  .refine(({ failedSteps, steps }) => !failedSteps || steps.length === 0, 'expected either failedSteps or steps')
  .refine(({ failedSteps, steps, outputs }) => failedSteps || steps.length > 0 || Object.keys(outputs).length > 0, {
    message: 'nothing to repair is named; expected failedSteps, steps or outputs',
  });

const migrateRun = z.object({
  ...{ runId, actor, reason },
  toVersion: z.int().min(0).default(0),
  dryRun: z.boolean().default(false),
  mapping: z.record(z.string().min(1).max(100), z.string().min(1).max(100)).default({}),
});

/** The contract, translated into commands and queries. */
@Injectable()
export class RunApi implements RunService {
  constructor(
    @Inject(CommandBus) private readonly commands: CommandBus,
    @Inject(QueryBus) private readonly queries: QueryBus,
  ) {}

  async startRun(request: StartRunRequest): Promise<StartRunResponse> {
    return this.commands.execute(new StartRun(parseRequest(startRun, request)));
  }

  async cancelRun(request: CancelRunRequest): Promise<CancelRunResponse> {
    const checked = parseRequest(cancelRun, request);
    return this.commands.execute(new CancelRun(checked.runId, checked.actor, checked.reason, checked.force));
  }

  async pauseRun(request: PauseRunRequest): Promise<PauseRunResponse> {
    const checked = parseRequest(changeRun, request);
    return this.commands.execute(new PauseRun(checked.runId, checked.actor, checked.reason));
  }

  async resumeRun(request: ResumeRunRequest): Promise<ResumeRunResponse> {
    const checked = parseRequest(changeRun, request);
    return this.commands.execute(new ResumeRun(checked.runId, checked.actor, checked.reason));
  }

  async migrateRun(request: MigrateRunRequest): Promise<MigrateRunResponse> {
    return this.commands.execute(new MigrateRunCommand(parseRequest(migrateRun, request)));
  }

  async decideApproval(request: DecideApprovalRequest): Promise<DecideApprovalResponse> {
    const { approve, ...checked } = parseRequest(decideApproval, request);
    return this.commands.execute(new DecideApproval({ ...checked, approved: approve }));
  }

  async delegateApproval(request: DelegateApprovalRequest): Promise<DelegateApprovalResponse> {
    return this.commands.execute(new DelegateApproval(parseRequest(delegateApproval, request)));
  }

  async signalRun(request: SignalRunRequest): Promise<SignalRunResponse> {
    return this.commands.execute(new SignalRun(parseRequest(signalRun, request)));
  }

  async setVariables(request: SetVariablesRequest): Promise<SetVariablesResponse> {
    return this.commands.execute(new SetVariables(parseRequest(setVariables, request)));
  }

  async repairRun(request: RepairRunRequest): Promise<RepairRunResponse> {
    return this.commands.execute(new RepairRun(parseRequest(repairRun, request)));
  }

  async queryRun(request: QueryRunRequest): Promise<QueryRunResponse> {
    return this.queries.execute(new QueryRun(request.runId, request.name));
  }

  async listQueries(request: ListQueriesRequest): Promise<ListQueriesResponse> {
    return this.queries.execute(new ListQueries(request.runId));
  }

  async getRun(request: GetRunRequest): Promise<GetRunResponse> {
    return this.queries.execute(new GetRun(request));
  }

  async listRuns(request: ListRunsRequest): Promise<ListRunsResponse> {
    return this.queries.execute(new ListRuns(request));
  }

  async listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    return this.queries.execute(new ListTasks(request));
  }

  async listAttempts(request: ListAttemptsRequest): Promise<ListAttemptsResponse> {
    return this.queries.execute(new ListAttempts(request.runId, request.task));
  }

  async explainTask(request: ExplainTaskRequest): Promise<ExplainTaskResponse> {
    return this.queries.execute(new ExplainTask(request.runId, request.task));
  }

  async listApprovals(request: ListApprovalsRequest): Promise<ListApprovalsResponse> {
    return this.queries.execute(new ListApprovals(request));
  }

  async getApproval(request: GetApprovalRequest): Promise<GetApprovalResponse> {
    return this.queries.execute(new GetApproval(request));
  }
}
