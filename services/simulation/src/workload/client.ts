import type { StartRunResponse } from '@tutti/contracts';
import { isTuttiError, toTuttiError, type JsonObject } from '@tutti/kernel';
import type { Link } from '../network/link.js';
import type { PartitionTable } from '../system/partition-table.js';
import type { Server, ServerServices } from '../system/server.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';

/** Told of what clients were promised. */
export interface Promises {
  started(order: RunOrder, answer: StartRunResponse): void;
  cancelled(runId: string): void;
  /** It was refused for good, which no order is to be. */
  refused(order: RunOrder, error: unknown): void;
}

/** A run that a client wants to have. */
export interface RunOrder {
  readonly workflow: string;
  readonly inputs: JsonObject;
  /** Empty for none: then it is asked for once, and nobody knows what came of it when no answer comes. */
  readonly key: string;
  readonly atMs: number;
  readonly cancelAfterMs: number | null;
  readonly pauseAfterMs: number | null;
}

interface ClientParts {
  readonly life: Life;
  readonly chance: Chance;
  readonly link: Link;
  readonly servers: readonly Server[];
  readonly partitions: PartitionTable;
  readonly promises: Promises;
}

const PATIENCE = 400;

/** Whoever uses the system from outside: starts runs, repeats what was not answered, cancels, pauses, goes on. Never crashes. */
export class Client {
  /** Orders that are not done with. */
  pending = 0;

  constructor(private readonly parts: ClientParts) {}

  async registers(source: string): Promise<void> {
    const request = { source, actor: 'user:sim' };
    await this.until(0, ({ workflows }) => workflows.registerWorkflow(request as never));
  }

  order(order: RunOrder): void {
    this.pending++;
    this.parts.life.schedule(order.atMs, () => {
      this.mind(order, this.carryOut(order));
      // The same request on two ways at once is one run, too.
      if (order.key !== '' && this.parts.chance.happens(0.2)) {
        this.pending++;
        this.parts.life.schedule(this.parts.chance.between(0, 2_000), () => this.mind(order, this.start(order)));
      }
    });
  }

  private mind(order: RunOrder, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.parts.promises.refused(order, error)).finally(() => this.pending--);
  }

  private async carryOut(order: RunOrder): Promise<void> {
    const runId = await this.start(order);
    if (runId === null) return;
    if (order.pauseAfterMs !== null) {
      await this.sleep(order.pauseAfterMs);
      await this.untilDone(runId, ({ runs }) => runs.pauseRun({ runId, actor: 'user:sim', reason: 'wait' }));
      await this.sleep(5_000);
      await this.untilDone(runId, ({ runs }) => runs.resumeRun({ runId, actor: 'user:sim', reason: 'go on' }));
    }
    if (order.cancelAfterMs !== null) {
      await this.sleep(order.cancelAfterMs);
      if (await this.untilDone(runId, ({ runs }) => runs.cancelRun({ runId, actor: 'user:sim', reason: 'no more', force: false })))
        this.parts.promises.cancelled(runId);
    }
  }

  /** Its id, once a server has answered; null when none did. */
  private async start(order: RunOrder): Promise<string | null> {
    const { workflow, inputs, key } = order;
    const request = { workflow, workflowVersion: 0, inputs, labels: {}, idempotencyKey: key, actor: 'user:sim', traceparent: '' };
    for (let tries = 0; tries < (key === '' ? 1 : PATIENCE); tries++) {
      try {
        const answer = await this.ask(this.parts.chance.int(0, this.parts.servers.length - 1), ({ runs }) => runs.startRun(request));
        this.parts.promises.started(order, answer);
        return answer.runId;
      } catch (error) {
        const { kind, retryable, code } = toTuttiError(error);
        if (!retryable && kind !== 'unavailable' && code !== 'WORKFLOW_NOT_FOUND') throw error;
        await this.sleep(this.parts.chance.between(100, 3_000));
      }
    }
    return null;
  }

  /** False when the run has ended before. */
  private async untilDone(runId: string, act: (services: ServerServices) => Promise<unknown>): Promise<boolean> {
    try {
      await this.until(this.parts.partitions.ownerOf(runId), act, () => this.parts.partitions.ownerOf(runId));
      return true;
    } catch (error) {
      if (isTuttiError(error, 'RUN_ENDED')) return false;
      throw error;
    }
  }

  private async until<Answer>(
    first: number,
    act: (services: ServerServices) => Promise<Answer>,
    next: () => number = () => first,
  ): Promise<Answer> {
    for (let tries = 1, server = first; ; tries++, server = next()) {
      try {
        return await this.ask(server, act);
      } catch (error) {
        const { kind, retryable } = toTuttiError(error);
        if ((!retryable && kind !== 'unavailable') || tries === PATIENCE) throw error;
        await this.sleep(this.parts.chance.between(100, 3_000));
      }
    }
  }

  private ask<Answer>(index: number, act: (services: ServerServices) => Promise<Answer>): Promise<Answer> {
    const server = this.parts.servers[index];
    if (server === undefined) throw new Error(`there is no server ${index}`);
    return this.parts.link.call(this.parts.life, callable(server), () => act(server.services as ServerServices));
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.parts.life.runtime.timers.after(ms, resolve));
  }
}

/** A server answers clients only once it is ready. */
export function callable(server: Server): { readonly name: string; readonly life: Life | null } {
  return {
    name: server.name,
    get life() {
      return server.ready ? server.life : null;
    },
  };
}
