import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pause, within } from './limits.mjs';
import { openByRest, startProcess } from './tutti-process.mjs';
import { makePlace, THINKING, WAITING_FOR_A_PERSON } from './workloads.mjs';

const CLIENTS = fileURLToPath(new URL('child-processes/ask-api.mjs', import.meta.url));
/** For the read models to hold what was started. */
const SETTLE_MS = 1_000;
const CLIENTS_LIMIT_MS = 600_000;

/**
 * Milliseconds from the call to the whole answer, for clients that ask one question after the other while runs are in flight. The clients are a process of their
 * own, each on its own kept-alive connection. What they start is in flight besides.
 */
export async function measureApi({ folder, clients, inFlight, waiting, warmUpMs, measureMs }) {
  const process = await startProcess(makePlace(folder));
  try {
    const byRest = await openByRest(process);
    for (let run = 0; run < waiting; run++) await process.call('POST', '/v1/runs', startOf(WAITING_FOR_A_PERSON));
    let going = true;
    let ended = 0;
    const lane = async () => {
      while (going) {
        const carried = await byRest.run(THINKING).then(() => 1, onceRefused);
        ended += carried;
      }
    };
    const lanes = Promise.all(Array.from({ length: inFlight }, lane));
    await Promise.race([lanes, pause(SETTLE_MS)]);
    const before = { ended, at: performance.now() };
    const { url, token } = process;
    const asked = askFromAnotherProcess({ url, token, clients, warmUpMs, measureMs, start: startOf(THINKING) });
    // The lanes end before only when one of them fails.
    const found = await Promise.race([asked, lanes]);
    const runsPerSecond = ((ended - before.ended) / (performance.now() - before.at)) * 1_000;
    going = false;
    await lanes;
    byRest.close();
    return { clients, inFlight, runsPerSecond, ...found };
  } finally {
    await process.stop();
  }
}

/** A machine that cannot keep up sheds new work first; the clients tell how often. */
async function onceRefused(error) {
  if (!String(error.message).startsWith('429 ')) throw error;
  await pause(SETTLE_MS);
  return 0;
}

function startOf({ workflow, inputs }) {
  return { workflow, inputs };
}

async function askFromAnotherProcess(task) {
  // It ends by itself when the channel does, so none is left behind.
  const child = fork(CLIENTS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit');
  try {
    child.send(task);
    const failed = exit.then(([code]) => Promise.reject(new Error(`the clients ended with ${code}`)));
    const [found] = await within(CLIENTS_LIMIT_MS, 'the answer of the clients', Promise.race([once(child, 'message'), failed]));
    return found;
  } finally {
    child.kill();
  }
}
