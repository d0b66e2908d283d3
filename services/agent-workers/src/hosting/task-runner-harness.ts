import type { AgentContext, AgentTask, JsonValue } from '@tutti/agent-sdk';
import type { AgentProfile, ClaimAnswer, TaskAssignedMessage, TaskChannel } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { sha256Hex, TuttiError } from '@tutti/kernel';
import type { ManualRuntime } from '@tutti/kernel/testing';
import { createValueStore, silentLogger, type ValueStore } from '@tutti/service-kit';
import type { ApiTokens } from './api-tokens.js';
import { ResultReporter } from './result-reporter.js';
import { TaskRunner } from './task-runner.js';

/** How long an agent that was told to stop may go on. */
export const GRACE_MS = 1_000;

export type Work = (task: AgentTask, context: AgentContext) => Promise<JsonValue>;

/** Of the agent that the tests of the runner host. */
export const profile: AgentProfile = {
  name: 'echo',
  version: '1.0.0',
  description: '',
  role: '',
  capabilities: ['test.echo'],
  specialisations: [],
  prompt: '',
  model: '',
  tools: [],
  limits: { concurrency: 10, timeoutMs: 0 },
  kind: 'class',
  metadata: {},
};

export const go = (changes: Partial<ClaimAnswer & { verdict: 'go' }> = {}): ClaimAnswer => ({
  verdict: 'go',
  input: { inline: { n: 1 } },
  feedback: [],
  deadlineAt: null,
  ...changes,
});
export const assigned = (changes: Partial<TaskAssignedMessage> = {}): TaskAssignedMessage => ({
  runId: 'run-1',
  task: 'summary',
  step: 'summary',
  capability: 'test.echo',
  attempt: 1,
  agent: 'echo',
  agentVersion: '1.0.0',
  ...changes,
});
export const cancelled = { runId: 'run-1', task: 'summary', attempt: 1, reason: 'the run was cancelled' };
export const never = (): Promise<never> => new Promise(() => {});
export const untilAborted: Work = (_, { signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

export interface RunnerOptions {
  readonly timeoutMs?: number;
  readonly concurrency?: number;
  readonly maxUnreportedResults?: number;
  readonly apiTokens?: ApiTokens;
}

interface RunnerPlace {
  readonly channel: Pick<TaskChannel, 'claim' | 'report'>;
  readonly values: ValueStore;
  readonly store: EventStore;
  readonly runtime: ManualRuntime;
}

/** A runner that hosts one agent, which does the work. */
export function makeRunner({ channel, values, store, runtime }: RunnerPlace, work: Work, options: RunnerOptions): TaskRunner {
  const patience = { retryDelayMs: 100, maxRetryDelayMs: 1_000 };
  const reporter = new ResultReporter({ worker: 'worker-1', channel, values, runtime, logger: silentLogger, ...patience });
  const limits = { concurrency: options.concurrency ?? 10, timeoutMs: options.timeoutMs ?? 0 };
  return new TaskRunner({
    worker: 'worker-1',
    agents: new Map([['echo', { profile: { ...profile, limits }, instance: { processTask: work } }]]),
    ...{ channel, values, reporter, runtime, logger: silentLogger },
    maxUnreportedResults: options.maxUnreportedResults ?? 100,
    abortGraceMs: GRACE_MS,
    journal: { ...{ store, values, runtime, logger: silentLogger, ...patience }, limits: { maxSteps: 100, maxBytes: 100_000 } },
    ...(options.apiTokens === undefined ? {} : { apiTokens: options.apiTokens }),
  });
}

/** Values over 1,000 bytes are kept beside their events, in memory. */
export function memoryValues(): ValueStore {
  const blobs = new Map<string, Uint8Array>();
  return createValueStore({
    blobs: {
      put: (_, bytes) => Promise.resolve(sha256Hex(bytes)).then((hash) => (blobs.set(hash, bytes), hash)),
      get: (_, hash) => Promise.resolve(blobs.get(hash) ?? Promise.reject(new TuttiError('BLOB_NOT_FOUND', `no blob ${hash}`))),
    },
    inlineLimitBytes: 1_000,
  });
}
