import type { AgentService } from '@tutti/contracts';
import type { CoordinatorLifecycle } from '@tutti/coordinator';
import type { DoctorCheck } from '@tutti/gateway';
import type { RegistryLifecycle } from '@tutti/registry';
import { findingOf, findReadModels, findSpace, type Finding } from '@tutti/service-process';
import type { Ports } from './embedded-ports.js';

/** A store with more events is not read whole while it serves. */
const MAX_VERIFIED_EVENTS = 500_000;

interface Checked {
  readonly ports: Ports;
  readonly dataDir: string;
  readonly minFreeBytes: number;
  readonly coordinator: CoordinatorLifecycle;
  readonly registry: RegistryLifecycle;
  readonly agents: AgentService;
}

/** Known to the gateway before the parts that it checks are made. */
export class DoctorChecksHolder {
  private checked: Checked | null = null;

  take(checked: Checked): void {
    this.checked = checked;
  }

  async run(): Promise<readonly DoctorCheck[]> {
    if (this.checked === null) return [{ name: 'start', status: 'warning', detail: 'still starting' }];
    const { checked } = this;
    const { dataDir, minFreeBytes, coordinator, registry } = checked;
    return Promise.all([
      check('event store', () => checkStore(checked)),
      check('free space', () => findSpace(dataDir, minFreeBytes)),
      check('read models', () => findReadModels([...coordinator.projections(), ...registry.projections()])),
      check('agents', () => checkAgents(checked)),
    ]);
  }
}

async function check(name: string, find: () => Promise<Finding>): Promise<DoctorCheck> {
  return { name, ...(await findingOf(find)) };
}

async function checkStore({ ports }: Checked): Promise<Finding> {
  const head = await ports.store.head();
  if (head > MAX_VERIFIED_EVENTS)
    return {
      status: 'warning',
      detail: `${head + 1} positions; too many to read while serving: stop it, and tutti doctor checks every hash`,
    };
  const { events, damage } = await ports.store.verify();
  if (damage === null) return { status: 'ok', detail: `${events} events, every hash chain whole` };
  const found = damage.kind === 'file' ? damage.message : `${damage.stream} revision ${damage.revision} ${damage.message}`;
  return { status: 'failed', detail: `events.db is damaged: ${found}; stop it, and tutti doctor says all that is lost` };
}

async function checkAgents({ agents }: Checked): Promise<Finding> {
  const page = await agents.listAgents({
    capabilities: [],
    metadata: {},
    includeDeregistered: false,
    pageSize: 1_000,
    pageToken: '',
    minPosition: 0,
  });
  const count = page.agents.length;
  return count === 0
    ? { status: 'warning', detail: 'no agent is registered: tasks will wait' }
    : { status: 'ok', detail: `${count} registered` };
}
