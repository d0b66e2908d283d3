import { assertNever, TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { RunService } from '@tutti/contracts';
import { serveInSpan, type Tracer } from '@tutti/service-kit';
import { FEED_COMMANDS, type FeedCommand, type LoadClass } from '@tutti/rest-contract';
import { checkPermission, type Principal } from '../access/principal.js';
import { actorIn } from '../door/actor.js';
import type { HealthState } from '../health/health-state.js';

interface CommandParts {
  readonly runs: RunService;
  readonly health: HealthState;
  readonly principal: Principal;
  /** What the upgrade's Tutti-Actor header said. */
  readonly actor: string | undefined;
  readonly maxInFlight: number;
  readonly tracer: Tracer;
  /** @throws TuttiError RATE_LIMITED, OVERLOADED */
  readonly admit: (route: string, load: LoadClass) => void;
}

/**
 * One socket's commands: what REST does, with the same permissions, repeatable as there. They are begun in the order in which they came; those about one run or one
 * approval one after the other, the others at once.
 */
export class FeedCommands {
  private readonly inFlight = new Set<string>();
  /** By what a command is about: settles when the newest one has ended. */
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(private readonly parts: CommandParts) {}

  /**
   * Resolves with what REST would answer, when it is durable.
   *
   * @throws TuttiError what REST answers · OVERLOADED with too many in flight · INVALID_REQUEST for a `ref` that is in flight
   */
  async carryOut(command: FeedCommand): Promise<JsonObject> {
    const { principal, health, maxInFlight } = this.parts;
    const { ref } = command;
    const { id, access, load } = FEED_COMMANDS[command.type];
    checkPermission(principal, access);
    this.parts.admit(id, load);
    health.admit(command.type === 'query' ? 'GET' : 'POST');
    const actor = actorIn({ 'tutti-actor': command.actor ?? this.parts.actor }, principal);
    if (this.inFlight.has(ref)) throw new TuttiError('INVALID_REQUEST', `this socket has a command ${JSON.stringify(ref)} in flight`);
    if (this.inFlight.size >= maxInFlight)
      throw new TuttiError('OVERLOADED', `this socket has ${this.inFlight.size} commands in flight; at most ${maxInFlight} are taken`);
    this.inFlight.add(ref);
    try {
      return await this.inTurn(subjectOf(command), () => this.traced(command, () => this.perform(command, actor)));
    } finally {
      this.inFlight.delete(ref);
    }
  }

  private async inTurn<Result>(subject: string | null, work: () => Promise<Result>): Promise<Result> {
    if (subject === null) return work();
    const before = this.queues.get(subject);
    const mine = before === undefined ? work() : before.then(work, work);
    this.queues.set(subject, mine);
    try {
      return await mine;
    } finally {
      if (this.queues.get(subject) === mine) this.queues.delete(subject);
    }
  }

  /** As REST, each in the trace that it names: the socket itself is of none. */
  private traced<Result>(command: FeedCommand, work: () => Promise<Result>): Promise<Result> {
    const { tracer } = this.parts;
    if (!tracer.enabled) return work();
    const traceparent = 'traceparent' in command && command.traceparent !== '' ? command.traceparent : null;
    return serveInSpan(tracer.start({ name: `feed ${command.type}`, kind: 'server', parent: traceparent }), work);
  }

  private async perform(command: FeedCommand, actor: string): Promise<JsonObject> {
    const { runs } = this.parts;
    switch (command.type) {
      case 'start': {
        const { workflow, workflowVersion, inputs, labels, idempotencyKey, traceparent } = command;
        const request = { workflow, workflowVersion, inputs, labels, idempotencyKey, traceparent, actor };
        const started = await runs.startRun(request);
        return { runId: started.runId, position: started.position, workflowVersion: started.workflowVersion, created: started.created };
      }
      case 'signal': {
        const { runId, name, payload, traceparent } = command;
        const signalId = command.id ?? command.idempotencyKey;
        const sent = await runs.signalRun({ runId, name, payload, signalId, actor, traceparent });
        return { signalId: sent.signalId, position: sent.position, created: sent.created };
      }
      case 'query': {
        const asked = await runs.queryRun({ runId: command.runId, name: command.name });
        return { value: (asked.value ?? null) as JsonValue, position: asked.position };
      }
      case 'pause':
        return changed(await runs.pauseRun({ runId: command.runId, reason: command.reason, actor }));
      case 'resume':
        return changed(await runs.resumeRun({ runId: command.runId, reason: command.reason, actor }));
      case 'cancel':
        return changed(await runs.cancelRun({ runId: command.runId, reason: command.reason, force: command.force, actor }));
      case 'approve':
      case 'reject': {
        const { approvalId, payloadHash, reason } = command;
        const decided = await runs.decideApproval({ approvalId, payloadHash, reason, approve: command.type === 'approve', actor });
        return { runId: decided.runId, position: decided.position };
      }
      default:
        return assertNever(command, 'command');
    }
  }
}

function changed({ position }: { readonly position: number }): JsonObject {
  return { position };
}

function subjectOf(command: FeedCommand): string | null {
  if (command.type === 'start' || command.type === 'query') return null;
  return 'runId' in command ? `run ${command.runId}` : `approval ${command.approvalId}`;
}
