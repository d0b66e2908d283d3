import type { RunEvent } from '@tutti/contracts';
import { isLongWait, isSameTrace, type Span, type SpanAttributes, type SpanOptions, type Tracer } from '@tutti/service-kit';
import { isDispatch, type Dispatch, type OpenWork, type RunTrace } from './run-trace.js';

interface TurnTraceParts {
  readonly tracer: Tracer;
  readonly run: RunTrace;
  readonly runId: string;
  readonly workflow: string;
  readonly nowMs: number;
}

/**
 * What one turn of a run means for its traces: says of each event which trace it is of, and makes the spans that come of it. They are handed over when the turn is durable;
 * of a turn that is not, nothing is seen.
 */
export class TurnTrace {
  private readonly spans: Span[] = [];
  private readonly resumed = new Map<string, string>();
  /** Of whoever sent the command that is carried out. */
  private brought: string | null = null;
  private context: string | null;

  constructor(private readonly parts: TurnTraceParts) {
    this.context = parts.run.current;
  }

  /** What is decided from here on comes of a command that this was sent with. */
  begin(brought: string | null): void {
    this.brought = brought;
    this.context = brought ?? this.parts.run.current;
  }

  /** The `traceparent` that the event is recorded with. */
  of(event: RunEvent): string | null {
    const { run, nowMs } = this.parts;
    const known = run.openWork(event);
    if (isDispatch(event)) return this.dispatched(event, known);
    if (event.type === 'RunStarted') this.context ??= this.emit({ name: `start ${this.parts.workflow}`, parent: null });
    // What is called off is part of what calls it off.
    else if (known !== undefined && event.type !== 'TaskCancelled') this.context = this.goOn(known);
    run.heed(event, this.context, nowMs);
    this.ended(event);
    return this.context;
  }

  /** Does the work, an append, as part of what the turn's last event is of. */
  within<Result>(work: () => Result): Result {
    return this.parts.tracer.within(this.context, work);
  }

  durable(): void {
    for (const span of this.spans.splice(0)) span.end();
  }

  private dispatched(event: Dispatch, known: OpenWork | undefined): string {
    const { run, nowMs, workflow } = this.parts;
    const { task, step, capability, attempt, assignment } = event.data;
    let from = known === undefined ? this.context : isLongWait(nowMs - known.sinceMs) ? this.resume(known.context, null) : known.context;
    // A run that began while nothing was traced.
    if (from === null) this.context = from = this.resume(null, null);
    run.heed(event, from, nowMs);
    if (assignment === null) return from;
    const { agent, worker } = assignment;
    const about = { 'tutti.step': step, 'tutti.task.id': task, 'tutti.attempt': attempt, 'tutti.agent': agent, 'tutti.worker': worker };
    const attributes = {
      'messaging.system': 'tutti',
      'messaging.operation.name': 'schedule',
      'messaging.operation.type': 'create',
      ...about,
    };
    return this.emit({ name: `schedule ${workflow}/${capability}`, kind: 'producer', parent: from, attributes });
  }

  /** Where a run goes on after what it worked on, or waited for. */
  private goOn({ kind, context }: OpenWork): string | null {
    const { brought } = this;
    if (kind === 'work') return context ?? this.context;
    if (brought !== null && isSameTrace(brought, context)) return brought;
    return kind === 'child' && brought === null ? context : this.resume(context, brought);
  }

  /** Goes on after a wait that nobody should have to draw as one long line: in the trace of what ended it, or a new one. */
  private resume(from: string | null, into: string | null): string {
    const key = `${from} ${into}`;
    const known = this.resumed.get(key) ?? this.emit({ name: `resume ${this.parts.workflow}`, parent: into, links: [from] });
    this.resumed.set(key, known);
    return known;
  }

  private ended(event: RunEvent): void {
    const { run, nowMs, workflow } = this.parts;
    if (event.type === 'TaskAttemptFailed' && (event.data.cause === 'lost' || event.data.cause === 'timeout')) {
      const { task, attempt, cause, error } = event.data;
      const attributes = { 'tutti.task.id': task, 'tutti.attempt': attempt, 'tutti.cause': cause };
      this.emit({ name: `give up ${workflow}`, parent: this.context, attributes }, error);
    }
    if (event.type !== 'RunSucceeded' && event.type !== 'RunFailed' && event.type !== 'RunCancelled') return;
    const attributes = { 'tutti.run.status': STATUS[event.type], 'tutti.run.duration_ms': nowMs - run.startedMs };
    const failure = event.type === 'RunFailed' ? event.data.error : null;
    this.emit({ name: `run ${workflow}`, parent: this.context, links: [run.started], attributes }, failure);
  }

  private emit(options: SpanOptions, failure: { readonly code: string; readonly message: string } | null = null): string {
    const { tracer, runId, workflow } = this.parts;
    const attributes: SpanAttributes = { 'tutti.run.id': runId, 'tutti.workflow': workflow, ...options.attributes };
    const span = tracer.start({ ...options, attributes });
    if (failure !== null) span.fail(failure);
    this.spans.push(span);
    return span.traceparent;
  }
}

const STATUS = { RunSucceeded: 'succeeded', RunFailed: 'failed', RunCancelled: 'cancelled' } as const;
