import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@tutti/kernel';
import { buildProduct } from '../product/build.js';
import { root } from '../product/paths.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually } from '../product/waiting.js';
import { SIX, Stack } from './stack.js';

const LIMIT_MS = 180_000;
const PRD = readFileSync(join(root, 'examples', 'clinic-scheduling', 'requirements.md'), 'utf8');

let stack: Stack;
beforeAll(async () => {
  buildProduct();
  stack = await Stack.open({ settings: { workers: { agentPackages: ['@tutti/architecture-design'] }, workflowFolders: [] } });
  for (const service of SIX) stack.start(service);
  await stack.allReady();
}, LIMIT_MS);
afterAll(async () => {
  await stack.close();
  await cleanUp();
}, LIMIT_MS);

describe('six services as processes on Kafka, EventStoreDB’s protocol and MongoDB', () => {
  it(
    'carry architecture-design to an approved document of eleven sections',
    async () => {
      const { status, json } = await stack.call('/v1/runs', { workflow: 'architecture-design', inputs: { prd: PRD } });
      expect(status).toBe(201);
      const runId = String(json['runId']);
      const asked = await eventually('the approval is asked for', LIMIT_MS, async () => {
        const { approvals } = (await stack.call('/v1/approvals?status=pending')).json;
        return (approvals as readonly JsonObject[])[0];
      });
      const path = `/v1/approvals/${encodeURIComponent(String(asked['id']))}/approve`;
      expect((await stack.call(path, { payloadHash: asked['payloadHash'] ?? '' })).status).toBe(200);
      const door = await stack.door();
      expect(await door.outcome(runId, LIMIT_MS)).toBe('succeeded');
      const { outputs } = await door.run(runId);
      const sections = [...JSON.stringify(outputs).matchAll(/\\n## (\d+)\. \S/g)].map(([, number]) => Number(number));
      expect(new Set(sections)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
    },
    LIMIT_MS,
  );

  it(
    'have it counted for Prometheus, and everything ready, with nothing in error in any log',
    async () => {
      await eventually('it is counted', LIMIT_MS, async () => {
        const text = await (await fetch(`${await stack.ready('metrics')}/metrics`)).text();
        return text.includes('tutti_runs_ended_total{workflow="architecture-design",status="succeeded"} 1') ? true : undefined;
      });
      expect((await stack.call('/health/ready')).status).toBe(200);
      const { checks } = (await stack.call('/v1/doctor')).json;
      expect((checks as readonly JsonObject[]).filter(({ status }) => status === 'failed')).toEqual([]);
      expect(stack.logged()).toEqual([]);
    },
    LIMIT_MS,
  );
});
