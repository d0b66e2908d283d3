import { toTuttiError } from '@tutti/kernel';
import type { Link } from '../network/link.js';
import type { PartitionTable } from '../system/partition-table.js';
import type { Server, ServerServices } from '../system/server.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';
import { callable } from './client.js';

export interface AskingParts {
  readonly life: Life;
  readonly chance: Chance;
  readonly link: Link;
  readonly servers: readonly Server[];
  readonly partitions: PartitionTable;
}

/** Somebody outside who asks the system for something once, and shrugs when it is refused or not answered. A fault of the system itself is not shrugged off. */
export class Asking {
  constructor(readonly parts: AskingParts) {}

  /** Of the server that answers for the run. */
  aboutRun(runId: string, act: (services: ServerServices) => Promise<unknown>): Promise<boolean> {
    return this.ask(this.parts.partitions.ownerOf(runId), act);
  }

  /** Of any server. */
  anyone(act: (services: ServerServices) => Promise<unknown>): Promise<boolean> {
    return this.ask(this.parts.chance.int(0, this.parts.servers.length - 1), act);
  }

  /** Again and again, with pauses, until the time is over. */
  nowAndThen(betweenMs: readonly [number, number], untilMs: number, act: () => Promise<unknown>): void {
    const { life, chance } = this.parts;
    const startMs = life.runtime.clock.now();
    const next = (): void => {
      if (life.runtime.clock.now() - startMs > untilMs) return;
      life.schedule(chance.between(...betweenMs), () => void act().finally(next));
    };
    next();
  }

  private async ask(index: number, act: (services: ServerServices) => Promise<unknown>): Promise<boolean> {
    const server = this.parts.servers[index];
    if (server === undefined) return false;
    try {
      await this.parts.link.call(this.parts.life, callable(server), () => act(server.services as ServerServices));
      return true;
    } catch (error) {
      if (toTuttiError(error).kind === 'internal') throw error;
      return false;
    }
  }
}
