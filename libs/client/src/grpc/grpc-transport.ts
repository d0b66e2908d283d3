import {
  ApprovalStatus,
  RunServiceService as runs,
  RunStatus,
  StepStatus,
  WorkflowServiceService as workflows,
  wireWord,
  type ApprovalView,
  type RunView,
} from '@tutti/contracts';
import type { Clock, JsonObject } from '@tutti/kernel';
import { isClientError, TuttiClientError } from '../client-error.js';
import type { EndpointSource } from '../locating/endpoint.js';
import type { FeedItem, Operations, Transport } from '../transport.port.js';
import { openGrpcConnection, type GrpcConnection } from './grpc-connection.js';

type Calls = {
  readonly [Name in keyof Operations]: (connection: GrpcConnection, request: Operations[Name], signal?: AbortSignal) => Promise<unknown>;
};

const RUN_STATUS = 'RUN_STATUS_';
const STEP_STATUS = 'STEP_STATUS_';
const APPROVAL_STATUS = 'APPROVAL_STATUS_';
/** The server takes it from the metadata then. */
const CALLER = '';
const NEWEST = 0;
const ANY = 0;
/** Without child runs. */
const ROOTS = { children: false, rootRunId: '' };

/** The contracts by gRPC. Answers get the form of REST, so that they are read alike. */
export function createGrpcTransport(endpoints: EndpointSource, clock: Pick<Clock, 'now'>, requestLimitMs: number): Transport {
  let open: { readonly url: string; readonly connection: GrpcConnection } | null = null;
  const connect = async (): Promise<GrpcConnection> => {
    const endpoint = await endpoints.current();
    if (open?.url !== endpoint.url) {
      open?.connection.close();
      open = { url: endpoint.url, connection: openGrpcConnection(endpoint, clock, requestLimitMs) };
    }
    return open.connection;
  };
  const noticing = (error: unknown): never => {
    if (isClientError(error, 'UNREACHABLE')) endpoints.lost();
    throw error;
  };
  return {
    async call(name, request, signal) {
      return CALLS[name](await connect(), request, signal).catch(noticing);
    },
    async follow(request) {
      const connection = (await connect()).follow(request);
      async function* items(): AsyncGenerator<FeedItem, void> {
        try {
          yield* connection;
        } catch (error) {
          noticing(error);
        }
      }
      return { [Symbol.asyncIterator]: items, close: () => connection.close() };
    },
    close() {
      open?.connection.close();
      open = null;
    },
  };
}

const CALLS: Calls = {
  registerWorkflow: (grpc, { source }, signal) => grpc.call(workflows.registerWorkflow, { source, actor: CALLER }, signal),
  validateWorkflow: (grpc, { source }, signal) => grpc.call(workflows.validateWorkflow, { source }, signal),
  getWorkflow: (grpc, { name, version = NEWEST }, signal) => grpc.call(workflows.getWorkflow, { name, version, minPosition: ANY }, signal),
  listWorkflows: (grpc, page, signal) => grpc.call(workflows.listWorkflows, { ...page, minPosition: ANY }, signal),
  startRun: (grpc, { inputs, ...request }, signal) =>
    grpc.call(runs.startRun, { ...request, inputs: inputs as JsonObject, actor: CALLER, traceparent: '' }, signal),
  async getRun(grpc, request, signal) {
    const { run } = await grpc.call(runs.getRun, request, signal);
    return { run: run === undefined ? undefined : runToWire(run) };
  },
  async listRuns(grpc, { status, workflow = '', labels = {}, ...page }, signal) {
    const request = {
      ...page,
      workflow,
      labels: { ...labels },
      status: statusOf(RunStatus, RUN_STATUS, status),
      ...ROOTS,
      minPosition: ANY,
    };
    const answer = await grpc.call(runs.listRuns, request, signal);
    return { ...answer, runs: answer.runs.map(runToWire) };
  },
  cancelRun: (grpc, request, signal) => grpc.call(runs.cancelRun, { ...request, actor: CALLER }, signal),
  pauseRun: (grpc, request, signal) => grpc.call(runs.pauseRun, { ...request, actor: CALLER }, signal),
  resumeRun: (grpc, request, signal) => grpc.call(runs.resumeRun, { ...request, actor: CALLER }, signal),
  retryRun: (grpc, request, signal) =>
    grpc.call(runs.repairRun, { ...request, failedSteps: true, steps: [], outputs: {}, actor: CALLER }, signal),
  resetRun: (grpc, { steps, ...request }, signal) =>
    grpc.call(runs.repairRun, { ...request, failedSteps: false, steps: [...steps], outputs: {}, actor: CALLER }, signal),
  skipStep: (grpc, { step, output, ...request }, signal) =>
    grpc.call(
      runs.repairRun,
      { ...request, failedSteps: false, steps: [], inputs: {}, outputs: { [step]: output }, actor: CALLER },
      signal,
    ),
  setVariables: (grpc, request, signal) => grpc.call(runs.setVariables, { ...request, actor: CALLER }, signal),
  signalRun: (grpc, { id, ...request }, signal) =>
    grpc.call(runs.signalRun, { ...request, signalId: id, actor: CALLER, traceparent: '' }, signal),
  queryRun: (grpc, request, signal) => grpc.call(runs.queryRun, request, signal),
  async listApprovals(grpc, { status, runId = '', ...page }, signal) {
    const request = { ...page, runId, status: statusOf(ApprovalStatus, APPROVAL_STATUS, status), minPosition: ANY };
    const answer = await grpc.call(runs.listApprovals, request, signal);
    return { ...answer, approvals: answer.approvals.map(approvalToWire) };
  },
  async getApproval(grpc, { approvalId }, signal) {
    const { approval } = await grpc.call(runs.getApproval, { approvalId, minPosition: ANY }, signal);
    return { approval: approval === undefined ? undefined : approvalToWire(approval) };
  },
  decideApproval: (grpc, request, signal) => grpc.call(runs.decideApproval, { ...request, actor: CALLER }, signal),
  delegateApproval: (grpc, request, signal) => grpc.call(runs.delegateApproval, { ...request, actor: CALLER }, signal),
};

function runToWire(run: RunView) {
  const steps = run.steps.map((step) => ({ ...step, status: wireWord(step.status ?? StepStatus.STEP_STATUS_UNSPECIFIED, STEP_STATUS) }));
  return { ...run, status: wireWord(run.status, RUN_STATUS), steps };
}

function approvalToWire(approval: ApprovalView) {
  return { ...approval, status: wireWord(approval.status, APPROVAL_STATUS) };
}

/** @throws TuttiClientError INVALID_REQUEST for a word that stands for none */
function statusOf<Value extends string>(values: Readonly<Record<string, Value>>, prefix: string, word: string | undefined): Value {
  const wanted = word ?? 'unspecified';
  const found = Object.values(values).find((value) => wireWord(value, prefix) === wanted);
  if (found !== undefined) return found;
  const known = Object.values(values).map((value) => wireWord(value, prefix));
  throw new TuttiClientError('INVALID_REQUEST', `there is no status "${wanted}"; expected ${known.slice(1).join(', ')}`);
}
