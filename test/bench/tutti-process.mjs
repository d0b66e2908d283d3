import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './limits.mjs';
import { createEndings, ENDS } from './run-endings.mjs';

const MAIN = fileURLToPath(new URL('../../services/standalone/dist/main.js', import.meta.url));
const START_LIMIT_MS = 900_000;
const STOP_LIMIT_MS = 60_000;
const FEED_LIMIT_MS = 30_000;
const CALL_LIMIT_MS = 120_000;
/** Of `utime` and `stime` in /proc, on every Linux. */
const MICROSECONDS_PER_TICK = 10_000;

/** The standalone process as it ships, on the folder's data; resolves once it has answered its first request. */
export async function startProcess(cwd) {
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, [MAIN, '--data-dir', join(cwd, 'data'), '--port', '0'], {
    cwd,
    // It ends by itself when the channel does, so none is left behind.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  try {
    const url = await within(START_LIMIT_MS, 'the start', readyUrl(child));
    const token = readFileSync(join(cwd, 'data', 'token'), 'utf8').trim();
    const call = (method, path, body) => callRest(agent, token, method, `${url}${path}`, body);
    await call('GET', '/v1/runs?pageSize=1');
    return {
      url,
      token,
      call,
      firstAnswerMs: performance.now() - spawnedAt,
      cpuMicroseconds: () => cpuMicrosecondsOf(child.pid),
      anonymousMiB: () => Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024,
      async stop() {
        agent.destroy();
        child.kill('SIGTERM');
        await within(STOP_LIMIT_MS, 'the stop', exit);
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** A caller of that process by REST; it learns of ends by the feed. */
export async function openByRest(process) {
  const ends = createEndings();
  const feed = await openFeed(process, ends);
  return {
    async run({ workflow, inputs }) {
      const { runId } = await process.call('POST', '/v1/runs', { workflow, inputs });
      await ends.of(runId);
    },
    close: () => feed.close(),
  };
}

async function openFeed({ url, token }, ends) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed`, ['tutti.v1', `tutti.token.${token}`]);
  await within(FEED_LIMIT_MS, 'the feed', once(socket, 'open'));
  const ready = Promise.withResolvers();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'event') ends.ended(message.event.metadata.correlationId, message.event.type);
    if (message.type === 'caught-up') ready.resolve();
    if (message.type === 'error') ready.reject(new Error(JSON.stringify(message.problem)));
  });
  socket.send(JSON.stringify({ type: 'subscribe', id: 'ends', after: 'head', categories: ['run'], types: ENDS }));
  await within(FEED_LIMIT_MS, 'the feed', ready.promise);
  return socket;
}

async function readyUrl(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready ')) return line.slice('ready '.length);
  }
  throw new Error('the process ended before it was ready');
}

export function callRest(agent, token, method, url, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const { promise, resolve, reject } = Promise.withResolvers();
  const sent = request(url, { method, agent, headers, timeout: CALL_LIMIT_MS }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part) => (text += part));
    response.on('end', () => (response.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(`${response.statusCode} ${text}`))));
  });
  sent.on('timeout', () => sent.destroy(new Error(`no answer from ${url} within ${CALL_LIMIT_MS} ms`)));
  sent.on('error', reject);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

/** Of all its threads since its start. */
export function cpuMicrosecondsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}
