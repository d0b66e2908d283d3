import { FindingStatus, type DiagnosticsService } from '@tutti/contracts';
import type { RunningProjection } from '@tutti/read-models';
import { findingOf, findReadModels, type Finding } from './findings.js';

const STATUS: Readonly<Record<Finding['status'], FindingStatus>> = {
  ok: FindingStatus.FINDING_STATUS_OK,
  warning: FindingStatus.FINDING_STATUS_WARNING,
  failed: FindingStatus.FINDING_STATUS_FAILED,
};

/** How the read models of a service are, for whoever asks it. */
export function diagnosticsOf(projections: () => readonly RunningProjection[]): DiagnosticsService {
  return {
    check: async () => {
      const { status, detail } = await findingOf(() => findReadModels(projections()));
      return { findings: [{ name: 'read models', status: STATUS[status], detail }] };
    },
  };
}
