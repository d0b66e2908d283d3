import { join } from 'node:path';
import { openCeiling } from './ceiling.mjs';
import { median, quantile } from './statistics.mjs';
import { openByCalls } from './tutti-by-calls.mjs';
import { openByRest, startProcess } from './tutti-process.mjs';
import { makePlace, W3 } from './workloads.mjs';

/** One W3 at a time; after each, the same durable appends one at a time with nothing of Tutti. */
export async function measureIdle({ folder, runs, warmUpRuns }) {
  const door = await openByCalls(makePlace(join(folder, 'idle-calls')));
  const ceiling = openCeiling(join(folder, 'idle-ceiling.db'));
  const tutti = [];
  const bare = [];
  try {
    for (let run = -warmUpRuns; run < runs; run++) {
      const recorded = door.recordAppends();
      const tuttiMs = await timed(() => door.run(W3));
      const [plan] = await recorded.plans();
      const bareMs = await timed(() => ceiling.replay(plan));
      if (run < 0) continue;
      tutti.push(tuttiMs);
      bare.push(bareMs);
    }
  } finally {
    ceiling.close();
    await door.close();
  }
  const byRest = await idleByRest({ folder, runs, warmUpRuns });
  const ratio = median(tutti.map((ms, run) => ms / bare[run]));
  return { byCalls: summary(tutti), ceiling: summary(bare), timesTheCeiling: ratio, byRest };
}

async function idleByRest({ folder, runs, warmUpRuns }) {
  const tutti = await startProcess(makePlace(join(folder, 'idle-rest')));
  try {
    const door = await openByRest(tutti);
    const times = [];
    for (let run = -warmUpRuns; run < runs; run++) {
      const ms = await timed(() => door.run(W3));
      if (run >= 0) times.push(ms);
    }
    door.close();
    return summary(times);
  } finally {
    await tutti.stop();
  }
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function summary(times) {
  return { medianMs: median(times), p95Ms: quantile(times, 0.95), worstMs: Math.max(...times), runs: times.length };
}
