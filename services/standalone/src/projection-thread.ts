import { parentPort, workerData } from 'node:worker_threads';
import { TuttiError } from '@tutti/kernel';
import { serveProjections } from '@tutti/read-models/embedded';
import { createSystemRuntime } from '@tutti/service-kit/system';
import { ALL_PROJECTIONS } from './all-projections.js';

/** What {@link parentPort}'s owner starts this thread with. */
export interface ProjectionThreadData {
  readonly eventsFile: string;
  readonly readModelsFile: string;
}

if (parentPort === null) throw new TuttiError('INTERNAL', 'this module is the inside of a thread; nobody else may load it');
await serveProjections(parentPort, {
  ...(workerData as ProjectionThreadData),
  projections: ALL_PROJECTIONS,
  runtime: createSystemRuntime(),
});
