import type { AgentContext, AgentTask, JsonValue } from '@tutti/agent-sdk';
import type { AgentProfile, ClaimAnswer, TaskAssignedMessage } from '@tutti/contracts';

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
