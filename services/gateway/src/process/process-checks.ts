import { AgentServiceService, DiagnosticsServiceService, PARTITIONS, type DiagnosticsService, type FindingStatus } from '@tutti/contracts';
import { toTuttiError } from '@tutti/kernel';
import type { RemoteProcess, RunOwners } from '@tutti/service-kit';
import { findingOf, findSpace, type Finding, type ProcessParts } from '@tutti/service-process';
import type { DoctorCheck, DoctorChecks } from '../gateway-parts.js';

interface Checked {
  readonly parts: Pick<ProcessParts, 'dataDir' | 'connections' | 'ports'>;
  readonly minFreeBytes: number;
  /** The one there is, or all of them as if they were one. */
  readonly coordinator: Pick<RemoteProcess, 'service'>;
  /** Where several share the runs. */
  readonly owners: Pick<RunOwners, 'states' | 'unowned' | 'serviceAt'> | null;
  readonly registry: Pick<RemoteProcess, 'service'>;
}

type Owners = NonNullable<Checked['owners']>;

const STATUS: Readonly<Record<FindingStatus, DoctorCheck['status']>> = {
  FINDING_STATUS_UNSPECIFIED: 'failed',
  FINDING_STATUS_OK: 'ok',
  FINDING_STATUS_WARNING: 'warning',
  FINDING_STATUS_FAILED: 'failed',
};

/** What a gateway in a process of its own can say of the installation: what it sees itself, and what the other processes say of themselves. */
export function processChecks(checked: Checked): DoctorChecks {
  const { coordinator, owners, registry, parts, minFreeBytes } = checked;
  return async () => {
    const found = await Promise.all([
      check('event store', () => checkStore(checked)),
      ...(owners === null
        ? [check('free space', () => findSpace(parts.dataDir, minFreeBytes)), checkService('coordinator', coordinator)]
        : [check('backends', async () => checkBackends(checked)), check('runs', async () => checkShares(owners)), checkOwners(owners)]),
      checkService('registry', registry),
      check('agents', () => checkAgents(registry)),
    ]);
    return found.flat();
  };
}

async function check(name: string, find: () => Promise<Finding>): Promise<readonly DoctorCheck[]> {
  return [{ name, ...(await findingOf(find)) }];
}

async function checkStore({ parts: { connections, ports }, owners }: Checked): Promise<Finding> {
  const head = await ports.eventStore.head();
  const detail = `position ${head}, ${connections.storePlace()}`;
  return { status: 'ok', detail: owners === null ? `${detail}; with all processes stopped, tutti doctor checks every hash` : detail };
}

function checkBackends({ parts: { connections } }: Checked): Finding {
  const { away } = connections;
  if (away.length === 0) return { status: 'ok', detail: 'what the event store, the bus and the read models stand on is there' };
  return { status: 'failed', detail: `away from here: ${away.join(', ')}; what needs them waits` };
}

/** Whether somebody answers for every run. */
function checkShares(owners: Owners): Finding {
  const shares = owners.states().map(({ id, partitions }) => `${partitions} by ${id}`);
  const unowned = owners.unowned();
  const detail = `of ${PARTITIONS} partitions ${[...shares, ...(unowned === 0 ? [] : [`${unowned} by nobody: their runs wait`])].join(', ')}`;
  return { status: unowned === 0 ? 'ok' : 'failed', detail };
}

async function checkOwners(owners: Owners): Promise<readonly DoctorCheck[]> {
  const states = owners.states();
  if (states.length === 0) return [{ name: 'coordinator', status: 'failed', detail: `there is none; ${howToStart('coordinator')}` }];
  const found = states.map(({ id, address }) =>
    findings(`coordinator ${id} at ${address}`, owners.serviceAt(id, DiagnosticsServiceService)),
  );
  return (await Promise.all(found)).flat();
}

async function checkService(name: string, remote: Pick<RemoteProcess, 'service'>): Promise<readonly DoctorCheck[]> {
  return findings(name, remote.service(DiagnosticsServiceService), `; ${howToStart(name)}`);
}

async function findings(name: string, diagnostics: DiagnosticsService, hint = ''): Promise<readonly DoctorCheck[]> {
  try {
    const { findings: found } = await diagnostics.check({});
    return found.map((finding) => ({ name: `${name}: ${finding.name}`, status: STATUS[finding.status], detail: finding.detail }));
  } catch (error) {
    return [{ name, status: 'failed', detail: `${toTuttiError(error).message}${hint}` }];
  }
}

function howToStart(service: string): string {
  return `start it with: npx nx serve ${service}`;
}

async function checkAgents(registry: Pick<RemoteProcess, 'service'>): Promise<Finding> {
  const every = { capabilities: [], metadata: {}, includeDeregistered: false, pageSize: 1_000, pageToken: '', minPosition: 0 };
  const { agents } = await registry.service(AgentServiceService).listAgents(every);
  if (agents.length > 0) return { status: 'ok', detail: `${agents.length} registered` };
  return { status: 'warning', detail: 'no agent is registered: tasks will wait; start some with: npx nx serve agent-workers' };
}
