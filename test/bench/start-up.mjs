import { join } from 'node:path';
import { addProjectedRuns, addRuns, project, recordTemplates } from './prefill.mjs';
import { median } from './statistics.mjs';
import { startProcess } from './tutti-process.mjs';
import { makePlace } from './workloads.mjs';

/** From the start of the process to its first answer: on an empty folder, and on one with a history of which part is not projected yet. */
export async function measureStartUp({ folder, rounds, events, openRuns, timers, behind }) {
  const fresh = [];
  for (let round = 0; round < rounds; round++) fresh.push(await firstAnswer(makePlace(join(folder, `fresh-${round}`))));
  const cwd = makePlace(join(folder, 'loaded'));
  const templates = await recordTemplates(cwd);
  await addRuns(cwd, templates.timer, timers);
  await addRuns(cwd, templates.person, openRuns - timers);
  await project(cwd);
  const open = timers * templates.timer.events + (openRuns - timers) * templates.person.events;
  await addProjectedRuns(cwd, templates.done, Math.max(0, Math.ceil((events - open - behind) / templates.done.events)));
  const loaded = [];
  for (let round = 0; round < rounds; round++) {
    await addRuns(cwd, templates.done, Math.ceil(behind / templates.done.events));
    loaded.push(await firstAnswer(cwd, openRuns));
  }
  return {
    fresh: { medianMs: median(fresh), rounds: fresh },
    loaded: { medianMs: median(loaded), worstMs: Math.max(...loaded), rounds: loaded, events, openRuns, timers, behind },
  };
}

/** @param openRuns how many must be open, or what was measured is not what was meant */
async function firstAnswer(cwd, openRuns) {
  const tutti = await startProcess(cwd);
  const found = openRuns === undefined ? undefined : await countOpen(tutti);
  await tutti.stop();
  // Two more were left open when the templates were recorded.
  if (openRuns !== undefined && found !== openRuns + 2) throw new Error(`${found} runs are open, expected ${openRuns + 2}`);
  return tutti.firstAnswerMs;
}

async function countOpen(tutti) {
  let found = 0;
  for (let token = ''; ;) {
    const page = await tutti.call('GET', `/v1/runs?status=running&pageSize=1000&pageToken=${encodeURIComponent(token)}`);
    found += page.runs.length;
    token = page.nextPageToken;
    if (token === '') return found;
  }
}
