import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addProjectedRuns, recordTemplates } from './prefill.mjs';
import { median } from './statistics.mjs';
import { makePlace } from './workloads.mjs';

const CHILD = fileURLToPath(new URL('child-processes/carry-runs.mjs', import.meta.url));

/** What a step costs in a store with few runs and in one with many, in turns, each round in a process of its own. */
export async function measureGrowth({ folder, few, many, rounds, runs }) {
  const places = [];
  for (const history of [few, many]) {
    const cwd = makePlace(join(folder, `growth-${history}`));
    const { done } = await recordTemplates(cwd);
    await addProjectedRuns(cwd, done, history);
    places.push({ cwd, history, found: [] });
  }
  for (let round = 0; round < rounds; round++) for (const { cwd, found } of places) found.push(await carryApart(cwd, runs));
  const [small, large] = places.map(({ history, found }) => ({
    runs: history,
    cpuMicrosecondsPerStep: median(found.map(({ cpu }) => cpu)),
    wallMicrosecondsPerStep: median(found.map(({ wall }) => wall)),
  }));
  const ratio = (what) => large[what] / small[what];
  return { small, large, cpuRatio: ratio('cpuMicrosecondsPerStep'), wallRatio: ratio('wallMicrosecondsPerStep') };
}

async function carryApart(cwd, runs) {
  const child = spawn(process.execPath, [CHILD, cwd, String(runs)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit');
  let answer;
  child.once('message', (message) => (answer = message));
  const [code] = await exit;
  if (code !== 0 || answer === undefined) throw new Error(`${CHILD} ended with ${code}`);
  return answer;
}
