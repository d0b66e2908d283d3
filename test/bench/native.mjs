import { startNativeStack } from './native-stack.mjs';
import { median } from './statistics.mjs';
import { openByRest } from './tutti-process.mjs';
import { carry, makePlace, W3 } from './workloads.mjs';

/** Steps per second of the full stack by REST, the CPU time of a step by process, and one W3 at a time. */
export async function measureNative({ folder, rounds, runs, warmUpRuns, alone }) {
  const stack = await startNativeStack(makePlace(folder));
  try {
    const door = await openByRest(stack);
    await carry(door, W3, warmUpRuns);
    const found = [];
    for (let round = 0; round < rounds; round++) {
      const before = stack.cpuByProcess();
      const ms = await carry(door, W3, runs);
      const after = stack.cpuByProcess();
      const steps = runs * W3.steps;
      const cpu = Object.fromEntries(Object.entries(after).map(([name, used]) => [name, (used - before[name]) / steps]));
      found.push({ stepsPerSecond: (steps * 1_000) / ms, cpu });
    }
    const times = [];
    for (let run = 0; run < alone; run++) {
      const begun = performance.now();
      await door.run(W3);
      times.push(performance.now() - begun);
    }
    times.sort((one, other) => one - other);
    door.close();
    return {
      inFlight: W3.inFlight,
      stepsPerSecond: median(found.map(({ stepsPerSecond }) => stepsPerSecond)),
      rounds: found.map(({ stepsPerSecond }) => stepsPerSecond),
      cpuMicrosecondsPerStep: Object.fromEntries(
        Object.keys(found[0].cpu).map((name) => [name, median(found.map(({ cpu }) => cpu[name]))]),
      ),
      alone: { runs: alone, medianMs: median(times), p95Ms: times[Math.floor(alone * 0.95)], worstMs: times.at(-1) },
    };
  } finally {
    await stack.stop();
  }
}
