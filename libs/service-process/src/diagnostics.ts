import { FindingStatus, type DiagnosticsService, type Finding } from '@tutti/contracts';
import { toTuttiError } from '@tutti/kernel';
import type { RunningProjection } from '@tutti/read-models';

const LAG_WARNING = 10_000;
const { FINDING_STATUS_OK: OK, FINDING_STATUS_WARNING: WARNING, FINDING_STATUS_FAILED: FAILED } = FindingStatus;

/** How the read models of a service are, for whoever asks it. */
export function diagnosticsOf(projections: () => readonly RunningProjection[]): DiagnosticsService {
  return {
    check: async () => ({
      findings: [await checkReadModels(projections()).catch((error: unknown) => finding(FAILED, toTuttiError(error).message))],
    }),
  };
}

async function checkReadModels(running: readonly RunningProjection[]): Promise<Finding> {
  const failed = running.map((projection) => projection.status()).filter(({ state }) => state === 'failed');
  if (failed.length > 0)
    return finding(FAILED, failed.map((status) => ('error' in status ? status.error.message : status.state)).join('; '));
  const worst = Math.max(0, ...(await Promise.all(running.map((projection) => projection.lag()))));
  return finding(worst > LAG_WARNING ? WARNING : OK, `${running.length} projections, at most ${worst} positions behind`);
}

function finding(status: FindingStatus, detail: string): Finding {
  return { name: 'read models', status, detail };
}
