import { join } from 'node:path';
import { openByRest, startProcess } from './tutti-process.mjs';
import { carry, makePlace, W3 } from './workloads.mjs';

/** Anonymous memory of the process as steps go by: heaps, buffers, stacks; not what SQLite maps of its files. */
export async function measureMemory({ folder, steps, samples }) {
  const tutti = await startProcess(makePlace(join(folder, 'memory')));
  try {
    const door = await openByRest(tutti);
    const found = [{ steps: 0, anonymousMiB: tutti.anonymousMiB() }];
    for (let sample = 1; sample <= samples; sample++) {
      await carry(door, W3, Math.ceil(steps / samples / W3.steps));
      found.push({ steps: Math.round((steps * sample) / samples), anonymousMiB: tutti.anonymousMiB() });
    }
    door.close();
    // The first part warms up: code is compiled, caches are filled.
    const [, warm] = found;
    return { samples: found, growthMiB: found.at(-1).anonymousMiB - warm.anonymousMiB };
  } finally {
    await tutti.stop();
  }
}
