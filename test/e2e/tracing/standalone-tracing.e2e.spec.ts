import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../../product/build.js';
import { root } from '../../product/paths.js';
import { cleanUp, Standalone } from '../../product/standalone-process.js';
import { eventually } from '../../product/waiting.js';
import { OtlpReceiver } from './otlp-receiver.js';

const LIMIT_MS = 120_000;
const fixtures = join(root, 'test', 'e2e', 'tracing', 'fixtures');
const nodeArgs = ['--import', join(fixtures, 'opentelemetry-imports.mjs')];
const config = {
  workflowFolders: [join(fixtures, 'workflows')],
  workers: { agentPackages: [], agentFolders: [join(fixtures, 'agents')] },
};
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';

let receiver: OtlpReceiver;
beforeAll(buildProduct, LIMIT_MS);
beforeEach(async () => {
  receiver = await OtlpReceiver.start();
});
afterEach(() => receiver.stop());
afterAll(cleanUp);

async function runFails(standalone: Standalone): Promise<void> {
  const { json } = await standalone.call('POST', '/v1/runs', { body: { workflow: 'fails', inputs: {} } });
  await eventually('the run has ended', LIMIT_MS, async () => {
    const answer = await standalone.call('GET', `/v1/runs/${String(json['runId'])}`);
    return (answer.json['run'] as { readonly status?: string } | undefined)?.status === 'failed' ? true : undefined;
  });
}

describe('all services in one process', () => {
  it(
    'send their traces where OpenTelemetry’s own variables say, as protocol buffers',
    async () => {
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.endpoint}/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-team=blue%20and%20green',
        OTEL_SERVICE_NAME: 'orders',
      };
      const standalone = await Standalone.start({ config, env, nodeArgs });
      await runFails(standalone);
      expect((await standalone.stop()).code).toBe(0);
      expect(receiver.requests).not.toEqual([]);
      for (const { path, headers, bytes } of receiver.requests) {
        expect({ path, type: headers['content-type'], team: headers['x-team'] }).toEqual({
          path: '/v1/traces',
          type: 'application/x-protobuf',
          team: 'blue and green',
        });
        expect(bytes).toBeGreaterThan(100);
      }
      expect(standalone.program.out).toContain('loads @opentelemetry/sdk-trace');
    },
    LIMIT_MS,
  );

  it(
    'trace a run as one tree without any call between processes',
    async () => {
      const tracing = { endpoint: receiver.endpoint, protocol: 'http/json', delayMs: 100 };
      const standalone = await Standalone.start({ config: { ...config, tracing } });
      await runFails(standalone);
      await standalone.stop();
      const [request] = receiver.named('POST /v1/runs');
      const spans = receiver.ofTrace(request?.traceId ?? '');
      expect(spans.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          'append run',
          'schedule fails/traced.fail',
          'process tutti.tasks.default',
          'invoke_agent traced',
          'run fails',
        ]),
      );
      expect(spans.filter(({ parentSpanId }) => spans.every(({ spanId }) => spanId !== parentSpanId))).toEqual([request]);
      expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['tutti-standalone']));
    },
    LIMIT_MS,
  );

  it(
    'load nothing of OpenTelemetry where tracing is off, by default or by its own variable',
    async () => {
      for (const env of [{}, { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint }]) {
        const standalone = await Standalone.start({ config, env, nodeArgs });
        await runFails(standalone);
        await standalone.stop();
        expect(standalone.program.out).not.toContain('@opentelemetry');
      }
      expect(receiver.requests).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'work and end as ever while their traces reach nobody, and say so once',
    async () => {
      const standalone = await Standalone.start({ config: { ...config, tracing: { endpoint: NOWHERE, delayMs: 20 } } });
      for (let run = 0; run < 5; run++) await runFails(standalone);
      const said = () =>
        readFileSync(join(standalone.dataDir, 'tutti.log'), 'utf8')
          .split('\n')
          .filter((line) => line.includes('do not reach'));
      await eventually('the log says it', LIMIT_MS, async () => (said().length > 0 ? true : undefined));
      await runFails(standalone);
      const begun = performance.now();
      expect((await standalone.stop()).code).toBe(0);
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect(said()).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it('refuse an address that is none', async () => {
    const { program } = Standalone.launch({ config: { ...config, tracing: { endpoint: 'collector:4318' } } });
    expect(await program.outcome()).toBe(1);
    expect(program.err).toContain('tracing.endpoint');
  });
});
