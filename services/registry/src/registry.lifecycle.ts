import { Inject, Injectable } from '@nestjs/common';
import type { RunningProjection } from '@tutti/read-models';
import type { AgentDocument } from './agent/agent.projection.js';
import { AGENTS_READ_SIDE, SERVICE_LEASES, SERVICES_READ_SIDE } from './registry.tokens.js';
import type { ReadSide } from './request/read-side.js';
import type { Leases } from './service/leases.js';
import type { ServiceDocument } from './service/service.projection.js';

const BATCH = 500;

/** Brings the registry up and down when the composition root says so. */
@Injectable()
export class RegistryLifecycle {
  constructor(
    @Inject(AGENTS_READ_SIDE) private readonly agents: ReadSide<AgentDocument>,
    @Inject(SERVICES_READ_SIDE) private readonly services: ReadSide<ServiceDocument>,
    @Inject(SERVICE_LEASES) private readonly leases: Leases,
  ) {}

  /** Resolves when queries see everything that was recorded, and every registered instance has its lease, from now on. */
  async start(): Promise<void> {
    await Promise.all([this.agents.start(), this.services.start()]);
    for (let after = ''; ;) {
      const batch = await this.services.model.find({ filter: { status: 'registered' }, limit: BATCH, ...(after === '' ? {} : { after }) });
      for (const { document } of batch) if (this.leases.get(document.id) === null) this.leases.grant(document.id, document.leaseMs);
      after = batch.at(-1)?.cursor ?? '';
      if (batch.length < BATCH) return;
    }
  }

  async stop(): Promise<void> {
    this.leases.stop();
    await Promise.all([this.agents.stop(), this.services.stop()]);
  }

  /** The running projections, for lag and health; empty before the start. */
  projections(): readonly RunningProjection[] {
    return [this.agents.projection(), this.services.projection()].filter((running) => running !== null);
  }
}
