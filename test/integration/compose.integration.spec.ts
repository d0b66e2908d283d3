import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { JsonObject } from '@tutti/kernel';
import { startParts } from '../../scripts/parts/parts.mjs';
import { freePort } from '../../scripts/parts/free-port.mjs';
import { Door } from '../chaos/door.js';
import { buildProduct } from '../product/build.js';
import { root } from '../product/paths.js';
import { killPrograms } from '../product/program.js';
import { cleanUp, temporaryFolder } from '../product/standalone-process.js';
import { eventually } from '../product/waiting.js';
import { ComposeNatively } from './compose-natively.js';

const LIMIT_MS = 240_000;
const STEP_LIMIT_MS = 100_000;
const TOKEN = 'token-of-the-compose-file-0123456789';
const PRD = readFileSync(join(root, 'examples', 'clinic-scheduling', 'requirements.md'), 'utf8');

/** Takes spans as a collector does, and counts what is sent. */
class Collector {
  posts = 0;
  private readonly server = createServer((request, response) => {
    this.posts += 1;
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('the services of docker-compose.yml, by their commands and environment on native parts', () => {
  const collector = new Collector();
  let parts: Awaited<ReturnType<typeof startParts>>;
  let compose: ComposeNatively;
  beforeAll(async () => {
    buildProduct();
    parts = await startParts();
    const { kafka, mongo, eventstoredb } = parts;
    const folder = temporaryFolder();
    compose = await ComposeNatively.prepare({
      variables: {
        TUTTI_GATEWAY__TOKEN: TOKEN,
        TUTTI_SERVICES__SECRET: 'a secret of thirty-two characters or more',
        MONGO_PASSWORD: 'unused',
      },
      addresses: {
        'kafka:9092': kafka.address,
        'esdb://eventstoredb:2113?tls=false': eventstoredb.address,
        // What stands in for MongoDB knows no users.
        'mongodb://tutti:unused@mongo:27017/tutti?authSource=admin': `${mongo.address}/tutti`,
        'otel-collector:4318': await collector.listen(),
      },
      dataDir: (service) => join(folder, service),
      port: freePort,
    });
    await compose.up();
  }, LIMIT_MS);
  afterAll(async () => {
    await compose?.down();
    await killPrograms();
    await parts?.close();
    await collector.close();
    await cleanUp();
  }, LIMIT_MS);

  it('are six, and none has an address of a container left', () => {
    expect(compose.services).toEqual(['gateway', 'coordinator', 'registry', 'agent-workers', 'metrics', 'self-improvement']);
    const left = /\b(?:kafka|mongo|eventstoredb|otel-collector|gateway|coordinator|registry):\d/;
    expect(compose.services.filter((name) => left.test(JSON.stringify(compose.environment(name))))).toEqual([]);
  });

  it(
    'are all healthy by their own checks, carry a run through, and are counted and traced',
    async () => {
      const run = String((await call('/v1/runs', { workflow: 'architecture-design', inputs: { prd: PRD } }))['runId']);
      const approval = await eventually('the approval is asked for', STEP_LIMIT_MS, async () => {
        const { approvals } = await call('/v1/approvals?status=pending');
        return (approvals as readonly JsonObject[])[0];
      });
      await call(`/v1/approvals/${encodeURIComponent(String(approval['id']))}/approve`, { payloadHash: approval['payloadHash'] ?? '' });
      const door = new Door(`http://127.0.0.1:${compose.environment('gateway')['TUTTI_GATEWAY__PORT']}`, TOKEN);
      expect(await door.outcome(run, STEP_LIMIT_MS)).toBe('succeeded');
      await eventually('it is counted', STEP_LIMIT_MS, async () => {
        const port = compose.environment('metrics')['TUTTI_METRICS__PORT'];
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        return text.includes('tutti_runs_ended_total{workflow="architecture-design",status="succeeded"} 1') ? true : undefined;
      });
      await eventually('spans are sent', STEP_LIMIT_MS, async () => (collector.posts > 0 ? true : undefined));
      const checks = await Promise.all(compose.services.map(async (name) => [name, await compose.check(name)] as const));
      expect(checks).toEqual(compose.services.map((name) => [name, 0]));
    },
    LIMIT_MS,
  );

  async function call(path: string, body?: JsonObject): Promise<JsonObject> {
    const response = await fetch(`http://127.0.0.1:${compose.environment('gateway')['TUTTI_GATEWAY__PORT']}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as JsonObject;
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${JSON.stringify(json)}`);
    return json;
  }
});
