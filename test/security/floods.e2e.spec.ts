import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone } from '../product/standalone-process.js';
import { heldWithin } from '../product/waiting.js';
import { Bystander, printRatio, watchFor } from './bystander.js';
import { logOf, sendRaw } from './raw-connection.js';

const CONNECTIONS = 10_000;
const CHILDREN = 2;
const MOST_PER_ADDRESS = 500;
/** Of the system itself, which opens and closes some all the time. */
const OWN_FILES = 30;
const BEFORE_MS = 2_000;
const CALLS_PER_CONNECTION = 5_000;

let system: Standalone;
const children: ChildProcess[] = [];
beforeAll(async () => {
  buildProduct();
  const limits = { connections: { perAddress: MOST_PER_ADDRESS } };
  system = await Standalone.start({ config: { gateway: { limits } } });
}, 60_000);
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(cleanUp);

/** In a process of its own, so that who watches does not wait for who floods. */
function start(file: string, args: readonly string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, 'child-processes', file), [...args], { stdio: 'ignore' });
  children.push(child);
  return child;
}

describe('calls of gRPC that are taken back at once', () => {
  it('end their connection, and nobody else waits for them', async () => {
    const { grpcUrl } = JSON.parse(readFileSync(join(system.dataDir, 'server.json'), 'utf8')) as { readonly grpcUrl: string };
    const { hostname, port } = new URL(grpcUrl);
    const before = await watchFor(system, BEFORE_MS);
    const memory = system.anonymousMiB();
    const bystander = new Bystander(system);
    const flood = start('reset-calls.mjs', [hostname, port, system.token, '10', String(CALLS_PER_CONNECTION)]);
    const died = once(flood, 'exit').then(([code]) => Promise.reject(new Error(`the flood ended with ${String(code)} and said nothing`)));
    died.catch(() => undefined);
    const [{ sent, cutOff }] = (await Promise.race([once(flood, 'message'), died])) as [{ readonly sent: number; readonly cutOff: number }];
    const during = await bystander.stop();
    printRatio(`${sent} calls taken back on 10 connections`, before, during);
    expect(cutOff).toBe(10);
    expect(during).toMatchObject({ refused: 0 });
    expect(during.answered).toBeGreaterThan(5);
    expect(system.anonymousMiB() - memory).toBeLessThan(300);
  });
});

describe(`${CONNECTIONS} connections that say nothing`, () => {
  it('are bounded, and who has something to say comes in', async () => {
    const files = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).replace('unlimited', '1000000'));
    const each = Math.min(CONNECTIONS / CHILDREN, files - 200);
    const { hostname, port } = new URL(system.url);
    const before = await watchFor(system, BEFORE_MS);
    const memory = system.anonymousMiB();
    const bystander = new Bystander(system);
    const openFiles = () => readdirSync(`/proc/${system.program.pid}/fd`).length;
    const filesBefore = openFiles();
    const reports: Record<'opened' | 'closed', number>[] = [];
    for (let at = 0; at < CHILDREN; at++) {
      start('idle-sockets.mjs', [hostname, port, String(each)]).on(
        'message',
        (report) => (reports[at] = report as (typeof reports)[number]),
      );
    }
    const sum = (what: 'opened' | 'closed'): number => reports.reduce((total, report) => total + (report?.[what] ?? 0), 0);
    const opened = await heldWithin(30_000, () => sum('opened') >= each * CHILDREN * 0.99);
    // Somebody new, while they are there.
    const newcomer = await sendRaw(
      system,
      `GET /v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${system.token}\r\nConnection: close\r\n\r\n`,
    );
    // As the system counts them: whom the kernel dropped from its queue does not know it yet.
    const kept = () => openFiles() - filesBefore;
    const bounded = await heldWithin(20_000, () => kept() <= MOST_PER_ADDRESS + OWN_FILES);
    const during = await bystander.stop();
    printRatio(`${sum('opened')} idle connections of ${CHILDREN} processes, ${kept()} kept, ulimit -n ${files}`, before, during);
    expect({ opened, newcomer, bounded }).toEqual({ opened: true, newcomer: [200], bounded: true });
    expect(during).toMatchObject({ refused: 0 });
    expect(during.answered).toBeGreaterThan(5);
    expect(system.anonymousMiB() - memory).toBeLessThan(200);
    const isLogged = () =>
      logOf(system).some(({ msg, reason }) => msg === 'closed a connection' && reason === 'too many connections are open');
    expect(await heldWithin(5_000, isLogged)).toBe(true);
  });
});
