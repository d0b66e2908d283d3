import { AgentServiceService, DiagnosticsServiceService, type FindingStatus } from '@tutti/contracts';
import { toTuttiError } from '@tutti/kernel';
import type { RemoteProcess } from '@tutti/service-kit';
import { findingOf, findSpace, type Finding, type ProcessParts } from '@tutti/service-process';
import type { DoctorCheck, DoctorChecks } from '../gateway-parts.js';

interface Checked {
  readonly parts: ProcessParts;
  readonly minFreeBytes: number;
  readonly coordinator: RemoteProcess;
  readonly registry: RemoteProcess;
}

const STATUS: Readonly<Record<FindingStatus, DoctorCheck['status']>> = {
  FINDING_STATUS_UNSPECIFIED: 'failed',
  FINDING_STATUS_OK: 'ok',
  FINDING_STATUS_WARNING: 'warning',
  FINDING_STATUS_FAILED: 'failed',
};

/** What a gateway in a process of its own can say of the installation: what it sees itself, and what the other processes say of themselves. */
export function processChecks(checked: Checked): DoctorChecks {
  const { coordinator, registry, parts, minFreeBytes } = checked;
  return async () => {
    const found = await Promise.all([
      check('event store', () => checkStore(checked)),
      check('free space', () => findSpace(parts.dataDir, minFreeBytes)),
      checkService('coordinator', coordinator),
      checkService('registry', registry),
      check('agents', () => checkAgents(registry)),
    ]);
    return found.flat();
  };
}

async function check(name: string, find: () => Promise<Finding>): Promise<readonly DoctorCheck[]> {
  return [{ name, ...(await findingOf(find)) }];
}

async function checkStore({ parts: { connections, ports } }: Checked): Promise<Finding> {
  const head = await ports.eventStore.head();
  return {
    status: 'ok',
    detail: `position ${head}, ${connections.storePlace()}; with all processes stopped, tutti doctor checks every hash`,
  };
}

async function checkService(name: string, remote: RemoteProcess): Promise<readonly DoctorCheck[]> {
  try {
    const { findings } = await remote.service(DiagnosticsServiceService).check({});
    return findings.map((finding) => ({ name: `${name}: ${finding.name}`, status: STATUS[finding.status], detail: finding.detail }));
  } catch (error) {
    return [{ name, status: 'failed', detail: `${toTuttiError(error).message}; start it with: npx nx serve ${name}` }];
  }
}

async function checkAgents(registry: RemoteProcess): Promise<Finding> {
  const every = { capabilities: [], metadata: {}, includeDeregistered: false, pageSize: 1_000, pageToken: '', minPosition: 0 };
  const { agents } = await registry.service(AgentServiceService).listAgents(every);
  if (agents.length > 0) return { status: 'ok', detail: `${agents.length} registered` };
  return { status: 'warning', detail: 'no agent is registered: tasks will wait; start some with: npx nx serve agent-workers' };
}
