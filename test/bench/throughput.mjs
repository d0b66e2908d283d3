import { join } from 'node:path';
import { shapeOf } from './append-plans.mjs';
import { openCeiling } from './ceiling.mjs';
import { median } from './statistics.mjs';
import { openByCalls } from './tutti-by-calls.mjs';
import { openByRest, startProcess } from './tutti-process.mjs';
import { carry, makePlace, W3 } from './workloads.mjs';

const LEAST_CEILING_MS = 1_000;

/**
 * Steps per second and CPU time of a step: Tutti by direct calls and the ceiling in turns, round by round, in one process; then Tutti by REST.
 * The first is the figure that counts; the second has a second process with the caller on the same machine.
 */
export async function measureThroughput({ folder, workloads, rounds, warmUpRuns }) {
  const calls = await byCalls({ folder, workloads, rounds, warmUpRuns });
  const rest = await byRest({ folder, workloads, rounds, warmUpRuns });
  return Object.fromEntries(workloads.map(({ workload: { name } }) => [name, { ...calls[name], byRest: rest[name] }]));
}

async function byCalls({ folder, workloads, rounds, warmUpRuns }) {
  const door = await openByCalls(makePlace(join(folder, 'calls')));
  const ceiling = openCeiling(join(folder, 'ceiling.db'));
  const results = {};
  try {
    for (const { workload, runs } of workloads) {
      await carry(door, workload, Math.ceil((warmUpRuns * W3.steps) / workload.steps));
      const tutti = [];
      const bare = [];
      let shape;
      for (let round = 0; round < rounds; round++) {
        const recorded = door.recordAppends();
        tutti.push(await measured(runs * workload.steps, () => carry(door, workload, runs)));
        const plans = await recorded.plans();
        shape = shapeOf(plans, workload.steps);
        if (round === 0) await ceiling.carry(plans, workload.inFlight);
        bare.push(await measureCeiling(ceiling, plans, workload));
      }
      results[workload.name] = {
        inFlight: workload.inFlight,
        runsPerRound: runs,
        shape,
        byCalls: summary(tutti),
        ceiling: summary(bare),
        ratio: summaryOfRatios(tutti.map(({ stepsPerSecond }, round) => stepsPerSecond / bare[round].stepsPerSecond)),
      };
    }
  } finally {
    ceiling.close();
    await door.close();
  }
  return results;
}

async function byRest({ folder, workloads, rounds, warmUpRuns }) {
  const tutti = await startProcess(makePlace(join(folder, 'rest')));
  const results = {};
  try {
    const door = await openByRest(tutti);
    for (const { workload, runs } of workloads) {
      await carry(door, workload, Math.ceil((warmUpRuns * W3.steps) / workload.steps));
      const measurements = [];
      for (let round = 0; round < rounds; round++)
        measurements.push(await measured(runs * workload.steps, () => carry(door, workload, runs), tutti.cpuMicroseconds));
      results[workload.name] = summary(measurements);
    }
    door.close();
  } finally {
    await tutti.stop();
  }
  return results;
}

/** The same runs over and over, until it took long enough to be told from the disk's moods. */
async function measureCeiling(ceiling, plans, { steps, inFlight }) {
  const before = ownCpu();
  let ms = 0;
  let carried = 0;
  while (ms < LEAST_CEILING_MS) {
    ms += await ceiling.carry(plans, inFlight);
    carried += plans.length * steps;
  }
  return { stepsPerSecond: (carried * 1_000) / ms, cpuMicrosecondsPerStep: (ownCpu() - before) / carried };
}

/** @param cpu CPU microseconds used so far; this process's without it */
async function measured(steps, work, cpu = ownCpu) {
  const before = cpu();
  const ms = await work();
  return { stepsPerSecond: (steps * 1_000) / ms, cpuMicrosecondsPerStep: (cpu() - before) / steps };
}

function ownCpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function summary(measurements) {
  return {
    stepsPerSecond: median(measurements.map(({ stepsPerSecond }) => stepsPerSecond)),
    cpuMicrosecondsPerStep: median(measurements.map(({ cpuMicrosecondsPerStep }) => cpuMicrosecondsPerStep)),
    rounds: measurements,
  };
}

function summaryOfRatios(rounds) {
  return { median: median(rounds), rounds };
}
