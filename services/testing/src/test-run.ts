import type { RunView } from '@tutti/contracts';
import { TuttiError, type JsonObject, type JsonValue, type RecordedEvent } from '@tutti/kernel';
import type { Duration } from '@tutti/workflow-sdk';
import type { AgentCall } from './test-agent.js';
import { millisecondsOf, type FakeAgents } from './fake-agents.js';
import type { PendingApproval, RunStories } from './run-stories.js';
import type { World } from './world.js';

/** What can be waited for: the run's end, an approval to be asked for, a step's end, an agent to begin, an event, anything else. */
export type Awaited =
  | 'ended'
  | 'approval'
  | (string & {})
  | { readonly call: string; readonly times?: number }
  | { readonly event: string; readonly times?: number }
  | (() => boolean);

export interface Wait {
  /** Simulated time after which it is given up. Default: 60d. */
  readonly within?: Duration;
}

export interface Verdict {
  /** Of which gate; needed when several wait. */
  readonly gate?: string;
  /** Default: `user:tester`. */
  readonly by?: string;
  readonly reason?: string;
}

interface RunParts {
  readonly world: World;
  readonly stories: RunStories;
  readonly agents: FakeAgents;
}

const TESTER = 'user:tester';

/** One run in a test kit. Nothing happens between its calls. */
export class TestRun<Outputs = JsonValue> {
  constructor(
    private readonly parts: RunParts,
    readonly id: string,
  ) {}

  /**
   * Lets things happen until it is so; time skips to whatever is due next.
   *
   * @throws TuttiError TIMED_OUT when it is not within the time: says what the run is at
   */
  async until(awaited: Awaited, { within = '60d' }: Wait = {}): Promise<this> {
    const isSo = this.condition(awaited);
    const ended = (): boolean => awaited !== 'ended' && typeof awaited !== 'function' && this.parts.stories.ended(this.id);
    await this.parts.world.until(() => isSo() || ended(), millisecondsOf(within));
    if (isSo()) return this;
    const view = await this.view();
    const steps = view.steps.map(({ id, status }) => `${id} ${status.replace('STEP_STATUS_', '').toLowerCase()}`).join(', ');
    const why = view.error === undefined ? '' : `; ${view.error.code} at "${view.error.step}": ${view.error.message}`;
    throw new TuttiError(
      'TIMED_OUT',
      `run ${this.id} of ${view.workflow}: no ${describe(awaited)} by ${this.parts.world.describeTime()}; the run is ` +
        `${view.status.replace('RUN_STATUS_', '').toLowerCase()}${why}; steps: ${steps}`,
    );
  }

  /** What the run answers with. @throws TuttiError with the code and message it failed with */
  async outputs(wait: Wait = {}): Promise<Outputs> {
    await this.until('ended', wait);
    const view = await this.view();
    if (view.status === 'RUN_STATUS_SUCCEEDED') return view.outputs as Outputs;
    const { status, error } = view;
    throw new TuttiError('AGENT_FAILED', `run ${this.id} ended as ${status}: ${error?.code ?? ''} ${error?.message ?? ''}`, {
      details: { code: error?.code ?? '', step: error?.step ?? '' },
    });
  }

  /** As everybody sees it, up to now. */
  async view(): Promise<RunView> {
    const { run } = await this.call((runs) => runs.getRun({ runId: this.id, minPosition: this.head }));
    if (run === undefined) throw new TuttiError('RUN_NOT_FOUND', `run ${this.id} is not there`);
    return run;
  }

  /** What has been recorded of the run, oldest first. */
  get events(): readonly RecordedEvent[] {
    return this.parts.world.stream(`run-${this.id}`);
  }

  /** Every attempt of the run, and of runs below it, that reached an agent: what was done outside. */
  calls(capability?: string): readonly AgentCall[] {
    return this.parts.agents.calls.filter(
      (call) => (call.runId === this.id || call.runId.startsWith(`${this.id}~`)) && (capability ?? call.capability) === call.capability,
    );
  }

  /** What waits for a person, in the run and below it. */
  get approvals(): readonly PendingApproval[] {
    return this.parts.stories.approvals(this.id);
  }

  /** Waits until an approval is asked for, and approves what is shown. */
  approve(verdict: Verdict = {}): Promise<this> {
    return this.decide(true, verdict);
  }

  reject(verdict: Verdict = {}): Promise<this> {
    return this.decide(false, verdict);
  }

  async signal(name: string, payload: JsonValue = null, { by = TESTER }: { readonly by?: string } = {}): Promise<this> {
    await this.call((runs) => runs.signalRun({ runId: this.id, name, payload, signalId: '', actor: by, traceparent: '' }));
    return this;
  }

  /** What one of the workflow's queries comes to now. */
  async query(name: string): Promise<JsonValue> {
    return (await this.call((runs) => runs.queryRun({ runId: this.id, name }))).value as JsonValue;
  }

  async setVariables(
    values: JsonObject,
    { by = TESTER, reason = '' }: { readonly by?: string; readonly reason?: string } = {},
  ): Promise<this> {
    await this.call((runs) => runs.setVariables({ runId: this.id, values, actor: by, reason }));
    return this;
  }

  async cancel(reason = ''): Promise<this> {
    await this.call((runs) => runs.cancelRun({ runId: this.id, actor: TESTER, reason } as never));
    return this;
  }

  async pause(reason = ''): Promise<this> {
    await this.call((runs) => runs.pauseRun({ runId: this.id, actor: TESTER, reason }));
    return this;
  }

  async resume(reason = ''): Promise<this> {
    await this.call((runs) => runs.resumeRun({ runId: this.id, actor: TESTER, reason }));
    return this;
  }

  private async decide(approve: boolean, { gate, by = TESTER, reason = '' }: Verdict): Promise<this> {
    const waiting = (): readonly PendingApproval[] => this.approvals.filter((one) => (gate ?? one.gate) === one.gate);
    if (waiting().length === 0) await this.until(gate === undefined ? 'approval' : () => waiting().length > 0);
    const [approval, ...others] = waiting();
    if (approval === undefined)
      throw new TuttiError('APPROVAL_NOT_FOUND', `run ${this.id} asks for no approval${gate === undefined ? '' : ` "${gate}"`}`);
    if (others.length > 0 && gate === undefined) {
      const names = [approval, ...others].map((one) => `"${one.gate}" of ${one.step}`).join(', ');
      throw new TuttiError('INVALID_REQUEST', `run ${this.id} asks for ${others.length + 1} approvals, say which gate: ${names}`);
    }
    const { approvalId } = approval;
    const shown = await this.call((runs) => runs.getApproval({ approvalId, minPosition: this.head }));
    const payloadHash = shown.approval?.payloadHash ?? '';
    await this.call((runs) => runs.decideApproval({ approvalId, approve, payloadHash, actor: by, reason }));
    return this;
  }

  private condition(awaited: Awaited): () => boolean {
    const { stories } = this.parts;
    if (typeof awaited === 'function') return awaited;
    if (awaited === 'ended') return () => stories.ended(this.id);
    if (awaited === 'approval') return () => stories.approvals(this.id).length > 0;
    if (typeof awaited === 'string') return () => stories.stepEnded(this.id, awaited);
    const { times = 1 } = awaited;
    if ('call' in awaited) return () => this.calls(awaited.call).length >= times;
    return () => this.events.filter(({ type }) => type === awaited.event).length >= times;
  }

  private get head(): number {
    return this.parts.world.log.length - 1;
  }

  private call<Answer>(ask: (runs: Parameters<Parameters<World['call']>[0]>[0]['runs']) => Promise<Answer>): Promise<Answer> {
    return this.parts.world.call(({ runs }) => ask(runs));
  }
}

function describe(awaited: Awaited): string {
  if (typeof awaited === 'function') return 'sign of what was waited for';
  if (awaited === 'ended') return 'end';
  if (awaited === 'approval') return 'approval to be asked for';
  if (typeof awaited === 'string') return `end of step "${awaited}"`;
  return 'call' in awaited ? `call of ${awaited.call}` : `event ${awaited.event}`;
}
