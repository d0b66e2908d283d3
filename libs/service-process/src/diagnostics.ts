import { FindingStatus, type DiagnosticsService } from '@tutti/contracts';
import type { RunningProjection } from '@tutti/read-models';
import { findingOf, findReadModels, type Finding } from './findings.js';

const STATUS: Readonly<Record<Finding['status'], FindingStatus>> = {
  ok: FindingStatus.FINDING_STATUS_OK,
  warning: FindingStatus.FINDING_STATUS_WARNING,
  failed: FindingStatus.FINDING_STATUS_FAILED,
};

/** What is looked at in a service beside its read models. */
export interface NamedFinding {
  /** Like `relay`. */
  readonly name: string;
  readonly find: () => Promise<Finding>;
}

/** How the read models of a service are, and whatever else it has to say of itself, for whoever asks it. */
export function diagnosticsOf(
  projections: () => readonly RunningProjection[],
  more: () => readonly NamedFinding[] = () => [],
): DiagnosticsService {
  return {
    check: async () => {
      const all = [{ name: 'read models', find: () => findReadModels(projections()) }, ...more()];
      const findings = all.map(async ({ name, find }) => {
        const { status, detail } = await findingOf(find);
        return { name, status: STATUS[status], detail };
      });
      return { findings: await Promise.all(findings) };
    },
  };
}
