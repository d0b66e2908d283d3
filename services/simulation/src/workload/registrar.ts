import { TuttiError, toTuttiError } from '@tutti/kernel';
import type { Link } from '../network/link.js';
import type { Server, ServerServices } from '../system/server.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';
import { callable } from './client.js';

interface RegistrarParts {
  readonly life: Life;
  readonly chance: Chance;
  readonly link: Link;
  readonly servers: readonly Server[];
}

const PATIENCE = 60;
const AGENT = 'idler';

/** Registers, changes and removes a service and an agent that no worker hosts. Nothing waits for it. */
export class Registrar {
  constructor(private readonly parts: RegistrarParts) {}

  begin(): void {
    const { life, chance } = this.parts;
    life.schedule(chance.between(0, 5_000), () => void this.service().catch(() => undefined));
    life.schedule(chance.between(0, 5_000), () => void this.agent().catch(() => undefined));
  }

  private async service(): Promise<void> {
    const id = 'metrics-1';
    const surface = { addresses: ['http://127.0.0.1:4800'], metadata: {}, actor: 'service:metrics' };
    const lease = { service: 'metrics', version: '1.0.0', leaseMs: 30_000 };
    await this.ask(({ registry }) => registry.registerService({ id, ...lease, ...surface }));
    await this.pause();
    await this.ask(({ registry }) => registry.updateService({ id, ...surface, metadata: { zone: 'a' } }));
    // Half of the time its lease runs out instead.
    if (this.parts.chance.happens(0.5)) await this.ask(({ registry }) => registry.deregisterService({ id, actor: 'service:metrics' }));
  }

  private async agent(): Promise<void> {
    const limits = { concurrency: 1, timeoutMs: 0 };
    const texts = { version: '1.0.0', description: '', role: '', prompt: '', model: '', kind: 'class' };
    const profile = { name: AGENT, ...texts, capabilities: ['sim.idle'], specialisations: [], tools: [], limits, metadata: {} };
    const request = { profile, actor: 'user:sim' };
    await this.ask(({ agents }) => agents.registerAgent(request));
    await this.pause();
    await this.ask(({ agents }) => agents.registerAgent({ ...request, profile: { ...profile, description: 'idles' } }));
    await this.ask(({ agents }) => agents.pauseAgent({ name: AGENT, actor: 'user:sim', reason: 'rest' }));
    await this.ask(({ agents }) => agents.resumeAgent({ name: AGENT, actor: 'user:sim', reason: 'go on' }));
    await this.ask(({ agents }) => agents.deregisterAgent({ name: AGENT, actor: 'user:sim', reason: 'done' }));
  }

  private async ask(act: (services: ServerServices) => Promise<unknown>): Promise<void> {
    const [server] = this.parts.servers;
    if (server === undefined) return;
    for (let tries = 0; tries < PATIENCE; tries++) {
      try {
        await this.parts.link.call(this.parts.life, callable(server), () => act(server.services as ServerServices));
        return;
      } catch (error) {
        const { kind, retryable } = toTuttiError(error);
        if (!retryable && kind !== 'unavailable') throw error;
        await this.pause();
      }
    }
    throw new TuttiError('TIMED_OUT', 'the registry did not answer');
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.parts.life.runtime.timers.after(this.parts.chance.between(50, 2_000), resolve));
  }
}
