import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endOfRun, installProbe, pendingApproval, startProbe } from './probe-agent.js';
import { codeOf, type Ways } from './refusals-at-the-door.js';
import { Standalone, temporaryFolder } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';

const ECHO = { capability: 'probe.echo' };
const APPROVAL = { ...ECHO, gates: [{ name: 'sign-off', type: 'approval', title: 'Is it right?' }] };
const AGAIN = { maxAttempts: 2, initialInterval: '1ms' };
const HOLD = { capability: 'probe.hold', with: {} };

/** Codes that need a run in some state, and those that a failed run carries. */
export function refusalsOfRuns(system: () => Standalone): Ways {
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    system().call('POST', path, { body, headers }).then(codeOf);
  const errorOf = async (name: string, step: object): Promise<string> => {
    const run = await endOfRun(system(), await startProbe(system(), name, step));
    return run.error?.code ?? run.status;
  };
  const askedFor = async (name: string) => {
    const runId = await startProbe(system(), name, APPROVAL);
    return pendingApproval(system(), runId);
  };
  return {
    TASK_NOT_FOUND: async () => {
      const runId = await startProbe(system(), 'no-such-task', ECHO);
      return codeOf(await system().call('GET', `/v1/runs/${runId}/why?task=nothing`));
    },
    DEAD_LETTER_NOT_FOUND: async () => codeOf(await system().call('GET', '/v1/dead-letters/tutti.tasks.default~workers~7.0')),
    CHANNEL_NOT_FOUND: () => post('/v1/notifications/test', { channel: 'nowhere' }),
    SCHEDULE_EXISTS: async () => {
      await startProbe(system(), 'scheduled', ECHO);
      await system().call('POST', '/v1/schedules', { body: { name: 'twice', workflow: 'scheduled', every: '1h' } });
      return post('/v1/schedules', { name: 'twice', workflow: 'scheduled', every: '2h' });
    },
    SCHEDULE_OWNED: async () => {
      const on = { schedule: [{ every: '1h' }] };
      await system().call('POST', '/v1/workflows', { body: { name: 'owner', on, steps: { only: ECHO } } });
      return until('the schedule of the definition', async () => {
        const answer = await system().call('DELETE', '/v1/schedules/owner.1', { body: {} });
        return answer.json['code'] === 'SCHEDULE_NOT_FOUND' ? null : codeOf(answer);
      });
    },
    IDEMPOTENCY_CONFLICT: async () => {
      await startProbe(system(), 'same-key', ECHO);
      const headers = { 'idempotency-key': 'the-same' };
      await system().call('POST', '/v1/runs', { body: { workflow: 'same-key', inputs: { n: 1 } }, headers });
      return post('/v1/runs', { workflow: 'same-key', inputs: { n: 2 } }, headers);
    },
    RUN_ENDED: async () => {
      const runId = await startProbe(system(), 'ended', ECHO);
      await endOfRun(system(), runId);
      return post(`/v1/runs/${runId}/cancel`, {});
    },
    NOT_REPAIRABLE: async () => {
      const runId = await startProbe(system(), 'not-repairable', ECHO);
      await endOfRun(system(), runId);
      return post(`/v1/runs/${runId}/retry`, {});
    },
    WORKFLOW_VERSION_DRAINED: async () => {
      await startProbe(system(), 'drained', ECHO);
      await system().call('POST', '/v1/workflows/drained/versions/1/drain', { body: {} });
      return post('/v1/runs', { workflow: 'drained' });
    },
    MIGRATION_REFUSED: async () => {
      const runId = await startProbe(system(), 'migrated', HOLD);
      await system().call('POST', '/v1/workflows', { body: { name: 'migrated', steps: { other: ECHO } } });
      return post(`/v1/runs/${runId}/migrate`, {});
    },
    PAYLOAD_CHANGED: async () => {
      const { id } = await askedFor('payload-changed');
      return post(`/v1/approvals/${id}/approve`, { payloadHash: 'f'.repeat(64) });
    },
    NOT_AN_APPROVER: async () => {
      const gates = [{ name: 'sign-off', type: 'approval', title: 'Is it right?', approvers: ['user:board'] }];
      const { id, payloadHash } = await pendingApproval(system(), await startProbe(system(), 'for-the-board', { ...ECHO, gates }));
      return post(`/v1/approvals/${id}/approve`, { payloadHash });
    },
    APPROVAL_DECIDED: async () => {
      const { id, payloadHash } = await askedFor('decided-twice');
      await system().call('POST', `/v1/approvals/${id}/approve`, { body: { payloadHash } });
      return post(`/v1/approvals/${id}/reject`, { payloadHash });
    },
    SIDE_EFFECT_UNCERTAIN: () => errorOf('unsure', { capability: 'probe.unsure', retry: AGAIN }),
    STEP_MISMATCH: () => errorOf('fickle', { capability: 'probe.fickle', retry: AGAIN }),
    AGENT_FAILED: () => errorOf('agent-failed', { capability: 'probe.fail' }),
    CHILDREN_TOO_DEEP: () => errorOf('runs-itself', { workflow: 'runs-itself' }),
    EXPRESSION_FAILED: () => errorOf('expression-failed', { ...ECHO, with: { value: '${{ $error("no value") }}' } }),
    NO_CASE: () => errorOf('no-case', { switch: '${{ run.id }}', cases: { one: ECHO } }),
    REPEAT_EXHAUSTED: () => errorOf('exhausted', { ...ECHO, repeat: { until: '${{ false }}', maxTimes: 2 } }),
    QUERY_NOT_FOUND: async () => {
      const runId = await startProbe(system(), 'no-such-query', ECHO);
      return post(`/v1/runs/${runId}/queries/nothing`, {});
    },
    SIGNALS_FULL: manySignals,
    TIMED_OUT: () => errorOf('timed-out', { ...HOLD, timeout: '100ms' }),
    CANCELLED: cancelledAttempt,
    REVISION_CONFLICT: manyVersions,
    OVERLOADED: async () => {
      const folder = temporaryFolder();
      const full = await Standalone.start({ folder, config: { workers: installProbe(folder), coordinator: { maxOpenRuns: 1 } } });
      await startProbe(full, 'one-only', HOLD);
      const answer = await full.call('POST', '/v1/runs', { body: { workflow: 'one-only' } });
      await full.stop();
      // Whoever is refused is told when to come back.
      return answer.status === 429 && answer.headers['retry-after'] === '1' ? codeOf(answer) : `${answer.status} without Retry-After`;
    },
  };

  /** What an agent is told when the run that it works for is cancelled. */
  async function cancelledAttempt(): Promise<string> {
    const file = join(system().folder, 'abort-reason');
    const runId = await startProbe(system(), 'cancelled', { ...HOLD, with: { file } });
    await until('the attempt', async () => {
      const { json } = await system().call('GET', `/v1/runs/${runId}/tasks`);
      return (json['tasks'] as readonly { readonly status: string }[])[0]?.status === 'assigned' ? true : null;
    });
    await system().call('POST', `/v1/runs/${runId}/cancel`, { body: { reason: 'not wanted any more' } });
    return until('the reason', async () => readOrNull(file));
  }

  /** More than a run keeps of what nobody takes. */
  async function manySignals(): Promise<string> {
    const runId = await startProbe(system(), 'many-signals', HOLD);
    const send = () => system().call('POST', `/v1/runs/${runId}/signals/nobody`, { body: {} });
    for (let sent = 0; sent < 10_000; sent += 100) await Promise.all(Array.from({ length: 100 }, send));
    return codeOf(await send());
  }

  /** Many register different versions of one workflow at once: whoever finds another version there each time gives up. */
  async function manyVersions(): Promise<string> {
    const register = (version: number) =>
      system().call('POST', '/v1/workflows', { body: { name: 'contested', description: `version ${version}`, steps: { probe: ECHO } } });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, version) => register(version)));
    const refused = new Set(answers.filter(({ status }) => status >= 300).map(codeOf));
    return [...refused].join();
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8') || null;
  } catch {
    return null;
  }
}
