import { parentPort, workerData } from 'node:worker_threads';
import {
  approvalsProjection,
  notificationsProjection,
  schedulesProjection,
  runLabelsProjection,
  runsProjection,
  tasksProjection,
  workflowsProjection,
} from '@tutti/coordinator/projections';
import { TuttiError } from '@tutti/kernel';
import { serveProjections } from '@tutti/read-models/embedded';
import { agentsProjection, servicesProjection } from '@tutti/registry/projections';
import { createSystemRuntime } from '@tutti/service-kit/system';

/** What {@link parentPort}'s owner starts this thread with. */
export interface ProjectionThreadData {
  readonly eventsFile: string;
  readonly readModelsFile: string;
}

if (parentPort === null) throw new TuttiError('INTERNAL', 'this module is the inside of a thread; nobody else may load it');
await serveProjections(parentPort, {
  ...(workerData as ProjectionThreadData),
  projections: [
    runsProjection,
    runLabelsProjection,
    tasksProjection,
    approvalsProjection,
    workflowsProjection,
    notificationsProjection,
    schedulesProjection,
    agentsProjection,
    servicesProjection,
  ],
  runtime: createSystemRuntime(),
});
