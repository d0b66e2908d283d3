import { statfs } from 'node:fs/promises';
import type { AgentService } from '@tutti/contracts';
import type { CoordinatorLifecycle } from '@tutti/coordinator';
import type { DoctorCheck } from '@tutti/gateway';
import { toTuttiError } from '@tutti/kernel';
import type { RegistryLifecycle } from '@tutti/registry';
import type { Ports } from './embedded-ports.js';

/** A store with more events is not read whole while it serves. */
const MAX_VERIFIED_EVENTS = 500_000;
const LAG_WARNING = 10_000;

interface Checked {
  readonly ports: Ports;
  readonly dataDir: string;
  readonly minFreeBytes: number;
  readonly coordinator: CoordinatorLifecycle;
  readonly registry: RegistryLifecycle;
  readonly agents: AgentService;
}

type Finding = Omit<DoctorCheck, 'name'>;

/** Known to the gateway before the parts that it checks are made. */
export class DoctorChecksHolder {
  private checked: Checked | null = null;

  take(checked: Checked): void {
    this.checked = checked;
  }

  async run(): Promise<readonly DoctorCheck[]> {
    if (this.checked === null) return [{ name: 'start', status: 'warning', detail: 'still starting' }];
    const { checked } = this;
    return Promise.all([
      check('event store', () => checkStore(checked)),
      check('free space', () => checkSpace(checked)),
      check('read models', () => checkReadModels(checked)),
      check('agents', () => checkAgents(checked)),
    ]);
  }
}

async function check(name: string, find: () => Promise<Finding>): Promise<DoctorCheck> {
  try {
    return { name, ...(await find()) };
  } catch (error) {
    return { name, status: 'failed', detail: toTuttiError(error).message };
  }
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

async function checkSpace({ dataDir, minFreeBytes }: Checked): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${Math.floor(free / 1_048_576)} MiB free at ${dataDir}; appends are refused below ${Math.floor(minFreeBytes / 1_048_576)} MiB`;
  return { status: free < minFreeBytes ? 'failed' : free < 2 * minFreeBytes ? 'warning' : 'ok', detail };
}

async function checkReadModels({ coordinator, registry }: Checked): Promise<Finding> {
  const running = [...coordinator.projections(), ...registry.projections()];
  const failed = running.map((projection) => projection.status()).filter(({ state }) => state === 'failed');
  if (failed.length > 0)
    return { status: 'failed', detail: failed.map((status) => ('error' in status ? status.error.message : status.state)).join('; ') };
  const worst = Math.max(0, ...(await Promise.all(running.map((projection) => projection.lag()))));
  return { status: worst > LAG_WARNING ? 'warning' : 'ok', detail: `${running.length} projections, at most ${worst} positions behind` };
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
