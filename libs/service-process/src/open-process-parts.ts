import { openEmbeddedParts } from './embedded/embedded-parts.js';
import type { ProcessOptions, ProcessParts } from './process-parts.js';

/** By the one setting that says on what the ports stand. @throws TuttiError INVALID_CONFIG */
export async function openProcessParts(options: ProcessOptions): Promise<ProcessParts> {
  if (options.config.backends === 'embedded') return openEmbeddedParts(options);
  // What stands on one data folder loads no client of anything else.
  const { openProductionParts } = await import('./production/production-parts.js');
  return openProductionParts(options);
}
