import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsTopic, publicEvent } from '@tutti/contracts';
import type { RecordedEvent } from '@tutti/kernel';
import type { Relay } from '@tutti/relay';
import { createSystemRuntime, silentLogger } from '@tutti/service-kit';
import { connectStoreHost, storeSocketPath, type StoreHostClient } from '@tutti/store-host';
import { endOfRun, installProbe, startProbe } from '../e2e/probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';
import { kafkaBrokers } from './addresses.js';
import { consumers, eventsOf, isThere, newPrefix, openTestRelay, OutsideProgram } from './outside-consumers.js';

const LIMIT_MS = 120_000;
const STEP_MS = 40_000;

describe('a consumer that has nothing of Tutti', () => {
  const brokers = kafkaBrokers();
  const prefix = newPrefix();
  const topic = `${prefix}${eventsTopic('run')}`;
  const programs: OutsideProgram[] = [];
  let system: Standalone;
  let store: StoreHostClient;
  let relay: Relay;

  beforeAll(async () => {
    buildProduct();
    const folder = temporaryFolder();
    system = await Standalone.start({ folder, config: { workers: installProbe(folder), workerProcesses: { accept: true } } });
    store = connectStoreHost({ socketPath: storeSocketPath(system.dataDir), runtime: createSystemRuntime(), logger: silentLogger });
    await store.connected();
    relay = openTestRelay({ brokers, prefix, store: store.eventStore, checkpoint: 'first' });
    relay.start();
    await until('the relay to publish', async () => (relay.state().status === 'publishing' ? true : null));
  }, LIMIT_MS);
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    await relay.stop();
    await store.close();
    await cleanUp();
  }, LIMIT_MS);

  const start = (...given: ConstructorParameters<typeof OutsideProgram>): OutsideProgram => {
    const program = new OutsideProgram(...given);
    programs.push(program);
    return program;
  };

  it(
    'follows a run with kafkajs alone, each event once, though all are published again meanwhile',
    async () => {
      const before = await startProbe(system, 'before', { capability: 'probe.echo', with: { a: 1 } });
      await endOfRun(system, before);
      const runId = await startProbe(system, 'followed', { wait: { signal: 'finish' } });
      const args = ['follow-runs.mjs', '--brokers', brokers.join(','), '--topic', topic, '--run', runId];
      const consumer = start(process.execPath, args, { cwd: consumers });
      await consumer.prints(/SignalAwaited/, STEP_MS);

      await relay.stop();
      relay = openTestRelay({ brokers, prefix, store: store.eventStore, checkpoint: 'second' });
      relay.start();
      const published = async () => (relay.state().lag === 0 && relay.state().published > 0 ? true : null);
      await until('the relay to publish all of it again', published);
      await system.call('POST', `/v1/runs/${runId}/signals/finish`, { body: {} });

      expect(await consumer.ended(STEP_MS)).toBe(0);
      const recorded = await eventsOf(store.eventStore, `run-${runId}`);
      const printed = consumer.out.trim().split('\n');
      expect(printed.map((line) => line.split(' ').slice(1, 4))).toEqual(
        recorded.map(({ stream, revision, type }) => [stream, String(revision), type]),
      );
      expect(recorded.at(-1)?.type).toBe('RunSucceeded');
      expect(Number(/(\d+) repeats were dropped/.exec(consumer.err)?.[1])).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  it(
    'follows a run with kcat, which shows key, headers and event',
    async () => {
      if (!(await isThere('kcat', '-V'))) return;
      const runId = await startProbe(system, 'shown', { wait: { signal: 'finish' } });
      const args = ['-C', '-q', '-u', '-b', brokers.join(','), '-t', topic, '-o', 'beginning', '-f', '%k\\t%h\\t%s\\n'];
      const consumer = start('kcat', args, { cwd: consumers });
      const ofRun = (type: string) => new RegExp(`^run-${runId}\\t[^\\t]*ce_type=tutti\\.${type}\\.v1[^\\t]*\\t`, 'm');
      await consumer.prints(ofRun('SignalAwaited'), STEP_MS);
      await system.call('POST', `/v1/runs/${runId}/signals/finish`, { body: {} });
      await consumer.prints(ofRun('RunSucceeded'), STEP_MS);

      const recorded = await eventsOf(store.eventStore, `run-${runId}`);
      const rows = consumer.out
        .split('\n')
        .map((line) => line.split('\t'))
        .filter(([key, , value]) => key === `run-${runId}` && value !== undefined);
      expect(rows.map(([, , value]) => JSON.parse(String(value)) as RecordedEvent)).toEqual(recorded);
      for (const [index, [, headers = '']] of rows.entries()) {
        const { message } = publicEvent(recorded[index] as RecordedEvent)!;
        const found = Object.fromEntries(
          headers.split(',').map((header) => [header.slice(0, header.indexOf('=')), header.slice(header.indexOf('=') + 1)]),
        );
        expect(found).toMatchObject({
          ...message.headers,
          ce_specversion: '1.0',
          ce_id: message.id,
          ce_type: message.type,
          'content-type': 'application/json',
        });
      }
    },
    LIMIT_MS,
  );
});
