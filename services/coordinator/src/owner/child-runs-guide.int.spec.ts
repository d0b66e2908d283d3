import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import { compileDefinition } from '../definition/compile-definition.js';
import { startValues } from './start-values.js';
import { RunEvaluator } from './run-evaluator.js';
import { agent, startEngine, type Engine, type Handler } from '../testing/engine.js';

const guide = readFileSync(fileURLToPath(new URL('../../../../docs/child-runs.md', import.meta.url)), 'utf8');
const SAMPLES = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
const OTHERS = [
  'name: deliver\nsteps: {pack: {capability: text.write, with: {parcel: "${{ inputs.item }}"}}}\noutputs: {parcel: "${{ steps.pack.output.parcel }}"}',
  'name: archive\nsteps: {keep: {sleep: 1h}}',
];
const AGENTS = [agent('worker', ['text.write', 'text.check', 'research.plan'])];
const PLAN = {
  steps: { read: { capability: 'text.write', with: { answer: 42 } } },
  outputs: { answer: '${{ steps.read.output.answer }}' },
};

describe('the guide to child runs', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const outputsOf = async (name: string, inputs: JsonObject, handler: Handler): Promise<JsonValue> => {
    const source = SAMPLES.find((text) => text.startsWith(`name: ${name}\n`)) ?? '';
    engine = await startEngine(source, handler, AGENTS);
    for (const other of OTHERS) await engine.register(other);
    const plan = engine.plans.plan(name, 0);
    const stored = await engine.values.store(inputs);
    const values = await startValues(new RunEvaluator(engine.evaluator, engine.values), { plan, inputs: stored, labels: {} });
    const request = { workflow: name, workflowVersion: 1, definitionHash: plan.hash, idempotencyKey: null, requestHash: plan.hash };
    const command = { type: 'StartRun', runId: 'r1', inputs: stored, actor: 'user:test', ...request, ...values } as const;
    await engine.owner.start(plan, command, { actor: 'user:test' });
    return engine.outputs();
  };
  const echo: Handler = ({ input }) => input ?? {};

  it('has samples that compile', () => {
    engine = { close: async () => Promise.resolve() } as Engine;
    expect(SAMPLES.map((text) => compileDefinition(text)).filter((compiled) => 'problems' in compiled)).toEqual([]);
    expect(SAMPLES).toHaveLength(3);
  });

  it('runs a workflow for each item of a list, and another that nobody waits for', async () => {
    expect(await outputsOf('order', { items: ['a', 'b'] }, echo)).toEqual({ parcels: ['a', 'b'], archive: 'archive' });
  });

  it('runs a group for each item of a list', async () => {
    expect(await outputsOf('review', { texts: ['x', 'y'] }, echo)).toEqual({ texts: ['x', 'y'] });
    expect(engine.executed.map(({ input }) => (input as { readonly tone?: string }).tone)).toContain('friendly');
  });

  it('takes up a plan once it is sound', async () => {
    const plan: Handler = ({ step, attempt, input }) => (step === 'think' ? (attempt === 1 ? { steps: {} } : PLAN) : (input ?? {}));
    expect(await outputsOf('research', {}, plan)).toEqual({ answer: 42 });
  });
});
