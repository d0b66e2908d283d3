import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../../product/build.js';
import { cleanUp } from '../../product/standalone-process.js';
import { killPrograms } from '../../product/program.js';
import { eventually, pause } from '../../product/waiting.js';
import { ProcessGroup, SERVICES, type Answer, type Service } from './process-group.js';
import { approve, ended, startRun } from './runs.js';

const LIMIT_MS = 180_000;
const RUNS = 30;
const AWAY_MS = 700;
/** Quick, so that tasks of a worker that was killed come back within the test. */
const LIVENESS = { coordinator: { beatMs: 200, leaseMs: 1_500 } };
/** What a caller is told while something is away. */
const PASSING = [429, 503, 504];

let group: ProcessGroup;
beforeAll(buildProduct, LIMIT_MS);
beforeEach(async () => {
  group = new ProcessGroup(LIVENESS);
  for (const service of SERVICES) group.start(service);
  await group.ready();
}, LIMIT_MS);
afterEach(killPrograms);
afterAll(cleanUp);

describe('one process of four killed while runs are in flight, and started again', () => {
  it.each(SERVICES)(
    '%s: every run ends, once, and the API says what is away instead of failing',
    async (service) => {
      const keys = Array.from({ length: RUNS }, (_, index) => `run-${index}`);
      const inFlight = await Promise.all(keys.map((key) => startRun(group, 'long', { text: key, ms: 600 }, key)));
      const asked = await startRun(group, 'asked', { text: 'asked' }, 'asked');
      const callers = new Callers(group, inFlight);
      await eventually('somebody was answered', LIMIT_MS, async () => (callers.starts.length > 0 ? true : undefined));
      expect(await group.of(service).kill('SIGKILL')).toBe('SIGKILL');
      await pause(AWAY_MS);
      group.start(service);
      await group.ready();
      const meanwhile = await callers.stop();
      await approve(group, asked);
      expect(await ended(group, asked)).toEqual({ status: 'succeeded', outputs: { said: 'asked' } });
      for (const [index, runId] of inFlight.entries())
        expect(await ended(group, runId)).toEqual({ status: 'succeeded', outputs: { said: `run-${index}` } });
      for (const { key, answer } of meanwhile.starts) {
        expect([200, 201, ...PASSING]).toContain(answer.status);
        if (PASSING.includes(answer.status)) expect(answer.json).toMatchObject({ code: expect.any(String), retryable: true });
        // Whatever became of it, the same key starts no second one.
        const runId = await startRun(group, 'long', { text: key, ms: 0 }, key);
        if (answer.json['runId'] !== undefined) expect(runId).toBe(answer.json['runId']);
        expect(await ended(group, runId)).toEqual({ status: 'succeeded', outputs: { said: key } });
      }
      expect(meanwhile.reads.filter((status) => status !== 200 && !PASSING.includes(status))).toEqual([]);
      expect(group.errors()).toEqual([]);
      // Those that were not killed are the ones of before.
      const others: readonly Service[] = SERVICES.filter((other) => other !== service);
      expect(others.every((other) => group.of(other).isAlive)).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    'the readiness of the gateway follows the coordinator: away, and there again',
    async () => {
      const readiness = () => group.call('GET', '/health/ready');
      expect(await readiness()).toEqual({ status: 200, json: { status: 'ok', reasons: [] } });
      await group.of('coordinator').kill('SIGKILL');
      // Where the coordinator was the store host, that is away, too, for a moment.
      await eventually('the gateway waits for the coordinator alone', 10_000, async () => {
        const { status, json } = await readiness();
        return status === 503 && JSON.stringify(json['reasons']) === '["waiting for the coordinator"]' ? true : undefined;
      });
      expect((await group.call('GET', '/health/live')).status).toBe(200);
      const doctor = await group.call('GET', '/v1/doctor');
      expect(doctor.json['checks']).toContainEqual(
        expect.objectContaining({ name: 'coordinator', status: 'failed', detail: expect.stringContaining('npx nx serve coordinator') }),
      );
      group.start('coordinator');
      await eventually('the gateway is ready again', 20_000, async () => ((await readiness()).status === 200 ? true : undefined));
    },
    LIMIT_MS,
  );
});

/** Start runs and ask about others all the time, until they are stopped. Where nobody listens at all nothing is answered. */
class Callers {
  readonly starts: { readonly key: string; readonly answer: Answer }[] = [];
  readonly reads: number[] = [];
  private stopped = false;
  private readonly working: Promise<unknown>;

  constructor(
    private readonly group: ProcessGroup,
    private readonly runIds: readonly string[],
  ) {
    this.working = Promise.all([this.start(), this.read('/v1/runs'), this.read('/v1/agents'), this.readRuns()]);
  }

  async stop(): Promise<this> {
    this.stopped = true;
    await this.working;
    return this;
  }

  private async start(): Promise<void> {
    for (let index = 0; !this.stopped; index++) {
      const key = `meanwhile-${index}`;
      const body = { workflow: 'long', inputs: { text: key, ms: 0 } };
      const answer = await this.group.call('POST', '/v1/runs', body, { 'idempotency-key': key }).catch(() => null);
      if (answer !== null) this.starts.push({ key, answer });
      await pause(50);
    }
  }

  private async read(path: string): Promise<void> {
    while (!this.stopped) await this.ask(path);
  }

  private async readRuns(): Promise<void> {
    for (let index = 0; !this.stopped; index++) await this.ask(`/v1/runs/${this.runIds[index % this.runIds.length] ?? ''}`);
  }

  private async ask(path: string): Promise<void> {
    const answer = await this.group.call('GET', path).catch(() => null);
    if (answer !== null) this.reads.push(answer.status);
    await pause(50);
  }
}
