// The clients of the API's measurement: each asks one question after the other over its own connection. Takes one message, answers with one.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { pause } from '../limits.mjs';
import { quantile } from '../statistics.mjs';

const NEWEST_RUNS = 50;
const TOO_MUCH = 429;
const REFUSED_PAUSE_MS = 1_000;

/** How often of a hundred times each is asked: a page that looks on, and programs that start runs. */
const MIX = [
  ['list runs', 25],
  ['get a run', 30],
  ['events of a run', 20],
  ['list approvals', 15],
  ['start a run', 10],
];

const QUESTIONS = {
  'list runs': (ask) => ask('GET', '/v1/runs?pageSize=20'),
  'get a run': async (ask, { known, turn }) =>
    known.length === 0 ? ask('GET', '/v1/runs?pageSize=20') : ask('GET', `/v1/runs/${pick(known, turn)}`),
  'events of a run': (ask, { known, turn }) =>
    ask('GET', known.length === 0 ? '/v1/events?limit=20' : `/v1/runs/${pick(known, turn)}/events`),
  'list approvals': (ask) => ask('GET', '/v1/approvals?pageSize=20'),
  'start a run': (ask, { start }) => ask('POST', '/v1/runs', start),
};

process.once('disconnect', () => process.exit(0));
const [task] = await once(process, 'message');
process.send(await measure(task), () => process.disconnect());

async function measure({ url, token, clients, warmUpMs, measureMs, start }) {
  const times = Object.fromEntries(MIX.map(([name]) => [name, []]));
  let refused = 0;
  /** Runs that a client has heard of, newest last. */
  const known = [];
  const beginAt = performance.now() + warmUpMs;
  const endAt = beginAt + measureMs;
  const client = async (number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (method, path, body) => call(agent, token, method, `${url}${path}`, body);
    // Every client begins elsewhere, so that no two go through the mix in step.
    for (let turn = number * 37; performance.now() < endAt; turn++) {
      const name = nameOf(turn);
      const began = performance.now();
      const { answer, shed } = await QUESTIONS[name](ask, { known, turn, start });
      const ms = performance.now() - began;
      if (shed) refused += 1;
      else if (began >= beginAt) times[name].push(ms);
      if (shed) await pause(REFUSED_PAUSE_MS);
      else note(known, answer);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  const all = Object.values(times).flat();
  return {
    callsPerSecond: (all.length / measureMs) * 1_000,
    refused,
    all: summary(all),
    byQuestion: Object.fromEntries(Object.entries(times).map(([name, each]) => [name, summary(each)])),
  };
}

/** A walk through the hundred in steps that meet all of it: kinds come mixed, each as often as it should. */
function nameOf(turn) {
  let place = (turn * 61) % 100;
  for (const [name, share] of MIX) {
    if (place < share) return name;
    place -= share;
  }
  throw new Error('the mix is less than a hundred');
}

function note(known, { runs = [] }) {
  for (const { id } of runs) if (!known.includes(id)) known.push(id);
  if (known.length > NEWEST_RUNS) known.splice(0, known.length - NEWEST_RUNS);
}

function pick(known, turn) {
  return known[(turn * 7) % known.length];
}

function summary(times) {
  return { calls: times.length, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95), p99Ms: quantile(times, 0.99) };
}

function call(agent, token, method, url, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  const { promise, resolve, reject } = Promise.withResolvers();
  const sent = request(url, { method, agent, headers }, (response) => {
    let answer = '';
    response.setEncoding('utf8');
    response.on('data', (part) => (answer += part));
    response.on('end', () => {
      if (response.statusCode < 300) resolve({ answer: JSON.parse(answer), shed: false });
      // Not an answer that counts as one: how many there were is told.
      else if (response.statusCode === TOO_MUCH) resolve({ answer: {}, shed: true });
      else reject(new Error(`${method} ${url}: ${response.statusCode} ${answer}`));
    });
  });
  sent.on('error', reject);
  sent.end(text);
  return promise;
}
