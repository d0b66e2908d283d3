import {
  approvalsProjection,
  notificationsProjection,
  runLabelsProjection,
  runsProjection,
  schedulesProjection,
  tasksProjection,
  workflowsProjection,
} from '@tutti/coordinator';
import type { JsonObject } from '@tutti/kernel';
import { rebuildAndCompare, type Projection } from '@tutti/read-models';
import { agentsProjection, servicesProjection } from '@tutti/registry';
import type { SimulatedSystem } from '../system/simulated-system.js';
import type { Observer } from './observer.js';

const PROJECTIONS = [
  runsProjection,
  runLabelsProjection,
  tasksProjection,
  approvalsProjection,
  workflowsProjection,
  schedulesProjection,
  notificationsProjection,
  agentsProjection,
  servicesProjection,
] as const;
const LIMIT_MS = 600_000;

/** Every read model of every server that is up holds what folding the log again gives. */
export async function compareReadModels(system: SimulatedSystem, observer: Observer): Promise<void> {
  const life = system.outsideLife('observer', system.chance);
  const store = system.store.connect(life);
  let open = 0;
  for (const { connection: readModels, name } of system.servers) {
    if (readModels === null) continue;
    for (const projection of PROJECTIONS as unknown as readonly Projection<JsonObject>[]) {
      open++;
      const compared = rebuildAndCompare({ projection, store, readModels, runtime: life.runtime });
      compared
        .then(
          (keys) => {
            if (keys.length > 0)
              observer.report('read models equal a rebuild', `${projection.name} of ${name} is other for ${keys.join(', ')}`);
          },
          (error: unknown) => observer.report('read models equal a rebuild', `${projection.name} of ${name}: ${String(error)}`),
        )
        .finally(() => open--);
    }
  }
  await system.scheduler.run(() => open === 0, { untilMs: system.scheduler.nowMs + LIMIT_MS, steps: Infinity });
}
