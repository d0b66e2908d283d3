import type { ListApprovalsResponse } from '@tutti/contracts';
import { toTuttiError } from '@tutti/kernel';
import type { Link } from '../network/link.js';
import type { PartitionTable } from '../system/partition-table.js';
import type { Server, ServerServices } from '../system/server.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';
import { callable } from './client.js';

interface ApproverParts {
  readonly life: Life;
  readonly chance: Chance;
  readonly link: Link;
  readonly servers: readonly Server[];
  readonly partitions: PartitionTable;
  /** The decision was answered: it is durable. */
  readonly onDecided: (approvalId: string, payloadHash: string, approved: boolean) => void;
  readonly everyMs: number;
}

const WRONG_HASH = '0'.repeat(64);

/** A person who looks at what waits for approval now and then, and decides: sometimes twice, sometimes on something else than what is shown. */
export class Approver {
  constructor(private readonly parts: ApproverParts) {}

  begin(): void {
    const { life, chance, everyMs } = this.parts;
    life.schedule(chance.between(everyMs / 2, everyMs), () => void this.look().finally(() => this.begin()));
  }

  private async look(): Promise<void> {
    const { servers, chance } = this.parts;
    try {
      const { approvals } = await this.ask(chance.int(0, servers.length - 1), ({ runs }) =>
        runs.listApprovals({ runId: '', status: 'APPROVAL_STATUS_PENDING', pageSize: 20, pageToken: '', minPosition: 0 }),
      );
      for (const approval of approvals) if (chance.happens(0.7)) await this.decide(approval);
    } catch {
      // The next look will do.
    }
  }

  private async decide({ id, runId, payloadHash }: ListApprovalsResponse['approvals'][number]): Promise<void> {
    const { chance, partitions, onDecided } = this.parts;
    const approve = chance.happens(0.7);
    const shown = chance.happens(0.1) ? WRONG_HASH : payloadHash;
    const request = { approvalId: id, approve, payloadHash: shown, actor: 'user:person', reason: '' };
    for (let tries = chance.happens(0.1) ? 2 : 1; tries > 0; tries--) {
      try {
        await this.ask(partitions.ownerOf(runId), ({ runs }) => runs.decideApproval(request));
        onDecided(id, shown, approve);
      } catch (error) {
        const { kind } = toTuttiError(error);
        if (kind === 'internal') throw error;
      }
    }
  }

  private ask<Answer>(index: number, act: (services: ServerServices) => Promise<Answer>): Promise<Answer> {
    const server = this.parts.servers[index];
    if (server === undefined) throw new Error(`there is no server ${index}`);
    return this.parts.link.call(this.parts.life, callable(server), () => act(server.services as ServerServices));
  }
}
