import { count, round } from './statistics.mjs';

const NAME_WIDTH = 46;

/** Lines for a person. Only what was measured is in it. */
export function tableOf({ machine, W3, F100, idle, start, memory, growth, api, native, quick }) {
  const lines = [
    `${machine.cpus} × ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, fdatasync ${round(machine.fdatasyncMs, 2)} ms`,
    ...(quick ? ['--quick: a look, no figures to quote'] : []),
  ];
  const row = (name, value) => lines.push(`${name.padEnd(NAME_WIDTH)} ${value}`);
  for (const [name, found] of Object.entries({ W3, F100 })) if (found !== undefined) throughputRows(row, name, found);
  if (idle !== undefined) idleRows(row, idle);
  if (start !== undefined) startRows(row, start);
  if (memory !== undefined) {
    row(
      'anonymous memory, MiB, by steps',
      memory.samples.map(({ steps, anonymousMiB }) => `${count(steps)}: ${count(anonymousMiB)}`).join(' · '),
    );
    row('  growth after the first part', `${round(memory.growthMiB)} MiB`);
  }
  if (growth !== undefined) growthRows(row, growth);
  if (api !== undefined) apiRows(row, api);
  if (native !== undefined) nativeRows(row, native);
  return lines;
}

function throughputRows(row, name, { inFlight, shape, byCalls, byRest, ceiling, ratio }) {
  row(`${name}, ${inFlight} in flight, by calls`, speed(byCalls));
  row(`  ceiling: ${round(shape.recordsPerStep)} records a step of ${count(shape.bytesPerRecord)} bytes`, speed(ceiling));
  row('  Tutti / ceiling, median of the rounds', `${round(ratio.median, 3)} (${ratio.rounds.map((value) => round(value, 3)).join(', ')})`);
  row(`${name} by REST, from another process`, speed(byRest));
}

function speed({ stepsPerSecond, cpuMicrosecondsPerStep, rounds }) {
  const each = rounds.map((found) => count(found.stepsPerSecond)).join(', ');
  return `${count(stepsPerSecond)} steps/s, ${round(cpuMicrosecondsPerStep)} µs CPU a step (${each})`;
}

function idleRows(row, { byCalls, byRest, ceiling, timesTheCeiling }) {
  row('W3 alone, by calls', latency(byCalls));
  row('  ceiling: the same appends alone', latency(ceiling));
  row('  Tutti / ceiling, median of the runs', `${round(timesTheCeiling, 2)} times`);
  row('W3 alone, by REST', latency(byRest));
}

function latency({ medianMs, p95Ms, worstMs, runs }) {
  return `median ${round(medianMs, 2)} ms, p95 ${round(p95Ms, 2)} ms, worst ${round(worstMs, 2)} ms of ${runs}`;
}

function startRows(row, { fresh, loaded }) {
  row('first answer, empty folder', `${count(fresh.medianMs)} ms`);
  const { events, openRuns, timers, behind } = loaded;
  row(
    'first answer, folder with a history',
    `median ${count(loaded.medianMs)} ms, worst ${count(loaded.worstMs)} ms (${count(events)} events, ${count(openRuns)} open runs, ${count(timers)} timers, ${count(behind)} events not projected)`,
  );
}

function growthRows(row, { small, large, cpuRatio, wallRatio }) {
  for (const { runs, cpuMicrosecondsPerStep, wallMicrosecondsPerStep } of [small, large])
    row(`step with ${count(runs)} runs in the store`, `${round(cpuMicrosecondsPerStep)} µs CPU, ${round(wallMicrosecondsPerStep)} µs`);
  row('  ratio', `${round(cpuRatio, 2)} CPU, ${round(wallRatio, 2)} time`);
}

function nativeRows(row, { inFlight, stepsPerSecond, rounds, cpuMicrosecondsPerStep, alone }) {
  row(`W3 on the full stack, ${inFlight} in flight, by REST`, `${count(stepsPerSecond)} steps/s (${rounds.map(count).join(', ')})`);
  const byProcess = Object.entries(cpuMicrosecondsPerStep).sort(([, one], [, other]) => other - one);
  row('  CPU a step, by process', byProcess.map(([name, cpu]) => `${name} ${count(cpu)} µs`).join(' · '));
  row('W3 alone on the full stack, by REST', latency(alone));
}

function apiRows(row, { clients, inFlight, callsPerSecond, runsPerSecond, refused, all, byQuestion }) {
  row(
    `API, ${clients} clients, ${inFlight} runs in flight`,
    `${answerTimes(all)} (${count(callsPerSecond)} calls/s, ${count(runsPerSecond)} runs/s)`,
  );
  if (refused > 0) row('  refused: too much is going on', count(refused));
  for (const [name, found] of Object.entries(byQuestion)) row(`  ${name}`, answerTimes(found));
}

function answerTimes({ calls, p50Ms, p95Ms, p99Ms }) {
  return `p50 ${round(p50Ms)} ms, p95 ${round(p95Ms)} ms, p99 ${round(p99Ms)} ms of ${count(calls)}`;
}
