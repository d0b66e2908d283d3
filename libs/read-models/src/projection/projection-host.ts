import type { JsonObject } from '@tutti/kernel';
import { startProjection, type StartProjectionOptions } from './projection-runner.js';
import type { Projection } from './projection.js';
import type { RunningProjection } from './running-projection.js';

/** Where projections run: in this thread, or in one of their own. */
export interface ProjectionHost {
  /** Starts it once. @throws TuttiError as `startProjection` does, SHUTTING_DOWN once closed */
  start<Doc extends JsonObject>(projection: Projection<Doc>): Promise<RunningProjection<Doc>>;
}

/** Runs projections in the calling thread. */
export function createProjectionHost(options: Omit<StartProjectionOptions<JsonObject>, 'projection'>): ProjectionHost {
  return { start: (projection) => startProjection({ ...options, projection }) };
}
