import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startParts } from '../../scripts/parts/parts.mjs';
import { within } from './limits.mjs';
import { callRest, cpuMicrosecondsOf } from './tutti-process.mjs';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const TOKEN = 'full-stack-of-a-benchmark-0123456789';
const SERVICES = ['registry', 'coordinator', 'agent-workers', 'gateway'];

/** Kafka's own broker, EventStoreDB's protocol on the embedded store, a Mongo-compatible server, and the services as processes on them. Has the shape of a standalone process, for whoever asks it by REST. */
export async function startNativeStack(cwd) {
  const parts = await startParts();
  const children = new Map();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const stop = async () => {
    agent.destroy();
    for (const { child } of children.values()) child.kill('SIGTERM');
    await within(STOP_LIMIT_MS, 'the stop', Promise.all([...children.values()].map(({ exit }) => exit)));
    await parts.close();
  };
  try {
    const ready = SERVICES.map((service) => startService(cwd, service, environmentOf(parts), children));
    const url = (await within(START_LIMIT_MS, 'the start', Promise.all(ready))).at(-1);
    const cpuByProcess = () => ({
      ...Object.fromEntries([...children].map(([name, { child }]) => [name, cpuMicrosecondsOf(child.pid)])),
      ...Object.fromEntries(
        Object.values(parts).flatMap((part) => (part.pid === undefined ? [] : [[part.name, cpuMicrosecondsOf(part.pid)]])),
      ),
    });
    return {
      url,
      token: TOKEN,
      call: (method, path, body) => callRest(agent, TOKEN, method, `${url}${path}`, body),
      cpuByProcess,
      cpuMicroseconds: () => Object.values(cpuByProcess()).reduce((sum, cpu) => sum + cpu, 0),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentOf({ kafka, mongo, eventstoredb }) {
  return {
    PATH: process.env.PATH,
    TUTTI_BACKENDS: 'full',
    TUTTI_KAFKA__BROKERS: kafka.address,
    TUTTI_MONGO__URL: mongo.address,
    TUTTI_EVENT_STORE__URL: eventstoredb.address,
    TUTTI_SERVICES__SECRET: 'a secret that only the services of this benchmark share',
    TUTTI_GATEWAY__TOKEN: TOKEN,
    TUTTI_LOG_LEVEL: 'warn',
  };
}

/** Resolves to what it is ready at. */
async function startService(cwd, service, env, children) {
  const dataDir = join(cwd, service);
  mkdirSync(dataDir, { recursive: true });
  const main = fileURLToPath(new URL(`../../services/${service}/dist/main.js`, import.meta.url));
  const args = [main, '--data-dir', dataDir, ...(service === 'gateway' ? ['--port', '0'] : [])];
  // It ends by itself when the channel does, so none is left behind.
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  children.set(service, { child, exit: once(child, 'exit') });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready ')) return line.slice('ready '.length);
  }
  throw new Error(`${service} ended before it was ready: ${tail(join(dataDir, 'tutti.log'))}`);
}

function tail(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
}
