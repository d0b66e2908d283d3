import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { credentials } from '@grpc/grpc-js';
import { RunServiceService } from '@tutti/contracts';
import { createSystemRuntime, grpcClient } from '@tutti/service-kit';
import { buildProduct } from '../../product/build.js';
import { cleanUp, Standalone, tutti } from '../../product/standalone-process.js';
import { eventually, within } from '../../product/waiting.js';
import { ProcessGroup, SERVICES } from './process-group.js';
import { approve, ended, startRun } from './runs.js';

const LIMIT_MS = 120_000;

let group: ProcessGroup;
beforeAll(async () => {
  buildProduct();
  group = new ProcessGroup();
  for (const service of SERVICES) group.start(service);
  await group.ready();
}, LIMIT_MS);
afterAll(cleanUp);

describe('the processes of one data folder', () => {
  it('are looked at by doctor, which asks each of them', async () => {
    const { json } = await group.call('GET', '/v1/doctor');
    const checks = json['checks'] as readonly { readonly name: string; readonly status: string; readonly detail: string }[];
    const found = new Map(checks.map(({ name, status, detail }) => [name, `${status}: ${detail}`]));
    expect(found.get('event store')).toMatch(/^ok: position \d+, served by /);
    expect(found.get('free space')).toMatch(/^(?:ok|warning): \d+ MiB free/);
    expect(found.get('coordinator: read models')).toMatch(/^ok: \d+ projections, at most \d+ positions behind$/);
    expect(found.get('registry: read models')).toMatch(/^ok: \d+ projections/);
    expect(found.get('agents')).toBe('ok: 1 registered');
    const doctor = tutti(group.folder, 'doctor');
    expect(await doctor.outcome()).toBe(0);
    expect(doctor.out).toContain('coordinator: read models');
  });

  it('tell what happens in runs over the feed', async () => {
    const runId = await startRun(group, 'long', { text: 'feed', ms: 0 }, 'feed');
    const seen: string[] = [];
    const protocols = ['tutti.v1', `tutti.token.${group.token()}`];
    const socket = new WebSocket(`${group.address.replace('http', 'ws')}/v1/feed`, protocols);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 'one', runId, after: -1 })));
    socket.addEventListener('message', ({ data }) => {
      const { event } = JSON.parse(String(data)) as { readonly event?: { readonly type: string } };
      if (event !== undefined) seen.push(event.type);
    });
    await eventually('the run has ended in the feed', LIMIT_MS, async () => (seen.includes('RunSucceeded') ? true : undefined));
    socket.close();
    expect(seen[0]).toBe('RunStarted');
    expect(seen.filter((type) => type === 'TaskSucceeded').length).toBe(3);
  });

  it('answer by gRPC at the gateway', async () => {
    const runId = await startRun(group, 'long', { text: 'grpc', ms: 0 }, 'grpc');
    const metadata = () => ({ authorization: `Bearer ${group.token()}` });
    const { clock } = createSystemRuntime();
    const options = { deadlineMs: 10_000, clock, metadata };
    const { service, close } = grpcClient(RunServiceService, group.grpcAddress(), credentials.createInsecure(), options);
    const { run } = await service.getRun({ runId, minPosition: 0 });
    expect(run).toMatchObject({ id: runId, workflow: 'long' });
    close();
  });

  it.each(['coordinator', 'registry', 'gateway'] as const)(
    'have one %s at a time: a second one stands by, and takes over when the first is gone',
    async (service) => {
      const second = group.launch(service);
      const [, holder] = await second.printed(/^standby behind (\d+)$/m);
      expect(Number(holder)).toBe(group.of(service).pid);
      const runId = await startRun(group, 'asked', { text: `${service} taken over` }, service);
      await group.of(service).kill('SIGKILL');
      group.adopt(service, second);
      await group.ready();
      await approve(group, runId);
      expect(await ended(group, runId)).toEqual({ status: 'succeeded', outputs: { said: `${service} taken over` } });
    },
    LIMIT_MS,
  );

  it('keep the folder for themselves: a process that would have it alone is refused', async () => {
    const { program } = Standalone.launch({ folder: group.folder, dataDir: group.dataDir });
    expect(await program.outcome()).toBe(1);
    expect(program.err).toContain('STORE_LOCKED');
  });

  it('end in order while they wait for others that never come', async () => {
    const lonely = new ProcessGroup();
    const waiting = (['gateway', 'coordinator', 'agent-workers'] as const).map((service) => lonely.start(service));
    await lonely.of('coordinator').printed(/^ready \S+$/m);
    for (const program of waiting.reverse())
      expect(await within(10_000, 'it ends', program.stop())).toMatchObject({ code: 0, signal: null, err: '' });
    expect(lonely.errors()).toEqual([]);
  });

  it.each([
    ['--port', 'http', 'expected number'],
    ['--colour', 'red', 'Unknown option'],
  ])('refuse what they do not know: %s %s', async (option, value, message) => {
    const program = group.launch('gateway', [option, value]);
    expect(await program.outcome()).toBe(1);
    expect(program.err).toContain(message);
    expect(program.err).toContain('(INVALID_CONFIG)');
  });
});
