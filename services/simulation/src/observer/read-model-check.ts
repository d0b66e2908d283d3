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
import { rebuildAndCompare, type Projection, type ReadModels } from '@tutti/read-models';
import { agentsProjection, servicesProjection } from '@tutti/registry';
import type { SimulatedSystem } from '../system/simulated-system.js';
import type { Life } from '../world/life.js';
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
            if (projection.name === runsProjection.name) return compareEndings(readModels, observer, name, life);
            return undefined;
          },
          (error: unknown) => observer.report('read models equal a rebuild', `${projection.name} of ${name}: ${String(error)}`),
        )
        .finally(() => open--);
    }
  }
  await system.scheduler.run(() => open === 0, { untilMs: system.scheduler.nowMs + LIMIT_MS, steps: Infinity });
}

const LATEST_MS = 120_000;

/** A rebuild may be wrong in the same way: what became of each run is held against the log itself, once the model has come so far. */
async function compareEndings(readModels: ReadModels, observer: Observer, name: string, { runtime }: Life): Promise<void> {
  const model = await readModels.open<{ readonly status: string }>(runsProjection);
  const startedMs = runtime.clock.monotonic();
  for (const { runId } of observer.knownRuns()) {
    for (;;) {
      const status = (await model.get(runId))?.document.status;
      // Somebody may still be putting it right.
      const ending = observer.runs.get(runId)?.ending ?? null;
      const isOpen = status === 'running' || status === 'paused';
      if (ending === null ? isOpen : status === ending) break;
      if (runtime.clock.monotonic() - startedMs > LATEST_MS) {
        observer.report(
          'read models equal a rebuild',
          `run ${runId} is ${status ?? 'absent'} at ${name} and ${ending ?? 'open'} by the log`,
        );
        break;
      }
      await new Promise<void>((resolve) => runtime.timers.after(1_000, resolve));
    }
  }
}
