import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore, type InMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { PlanCatalog } from './plan-catalog.js';

const source = (name: string, ...steps: readonly string[]): string =>
  `name: ${name}\nsteps:\n${steps.map((step) => `  ${step}: {capability: work}\n`).join('')}`;

describe('the catalog of plans', () => {
  let runtime: ManualRuntime;
  let store: InMemoryEventStore;
  let catalog: PlanCatalog;
  beforeEach(() => {
    runtime = createManualRuntime();
    store = createInMemoryEventStore(runtime);
    catalog = new PlanCatalog(store);
  });
  afterEach(async () => {
    await catalog.stop();
    await store.close();
  });

  const register = async (name: string, version: number, text = source(name, 'a')): Promise<void> => {
    const data = { name, version, description: '', hash: 'a'.repeat(64), definition: {}, source: text, registeredBy: 'user:a' };
    const metadata = {
      ...{ correlationId: name, causationId: null, traceparent: null, actor: 'user:a', tenant: 'default', subject: null, keyId: null },
    };
    await store.append(
      `workflow-${name}`,
      [{ id: runtime.ids.next(), type: 'WorkflowVersionRegistered', schemaVersion: 1, data, metadata }],
      'any',
    );
  };
  const steps = (name: string, version: number): readonly string[] => [...catalog.plan(name, version).steps.keys()];

  it('knows at its start whatever was registered before, on an empty store too', async () => {
    await new PlanCatalog(store).start();
    await register('a', 1);
    await register('b', 1, source('b', 'x', 'y'));
    await catalog.start();
    expect(steps('b', 1)).toEqual(['x', 'y']);
  });

  it('gives the newest version for 0, and each by its number', async () => {
    await register('a', 1, source('a', 'x'));
    await register('a', 2, source('a', 'y'));
    await catalog.start();
    expect([steps('a', 0), steps('a', 1), catalog.plan('a', 0).version, catalog.plan('a', 1).version]).toEqual([['y'], ['x'], 2, 1]);
    expect(catalog.plan('a', 2)).toBe(catalog.plan('a', 0));
  });

  it('finds for a start what another one registered just now, and says so where nobody did', async () => {
    await catalog.start();
    await register('a', 1);
    const start = (name: string, version: number) => catalog.recordedPlanFor(name, version, { runId: 'r1', labels: {} });
    expect((await start('a', 0)).version).toBe(1);
    await register('a', 2);
    expect((await start('a', 2)).version).toBe(2);
    await expect(start('a', 3)).rejects.toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
    await expect(start('b', 0)).rejects.toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  });

  it('learns by itself what is registered later, and at once when it is told', async () => {
    await catalog.start();
    await register('a', 1);
    await catalog.refresh('a');
    expect(catalog.plan('a', 0).version).toBe(1);
    await register('b', 1);
    await runtime.advance(1_000);
    expect(catalog.plan('b', 0).version).toBe(1);
    await catalog.refresh('a');
    expect(() => catalog.plan('a', 2)).toThrow(expect.objectContaining({ code: 'WORKFLOW_NOT_FOUND' }));
  });

  it('finds in the store what a run names that it has not heard of', async () => {
    await register('a', 1);
    expect((await catalog.recorded('a', 1)).version).toBe(1);
    await expect(catalog.recorded('a', 2)).rejects.toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  });

  it('names what there is when it is asked for what is not', async () => {
    await catalog.start();
    expect(() => catalog.plan('c', 0)).toThrow(expect.objectContaining({ message: expect.stringContaining('registered are: none') }));
    await register('b', 1);
    await register('a', 1);
    await Promise.all([catalog.refresh('a'), catalog.refresh('b')]);
    expect(() => catalog.plan('c', 0)).toThrow(expect.objectContaining({ message: expect.stringContaining('registered are: a, b') }));
    expect(() => catalog.plan('a', 7)).toThrow(
      expect.objectContaining({ code: 'WORKFLOW_NOT_FOUND', message: 'workflow "a" has no version 7; it has 1 to 1' }),
    );
  });

  it('says that stored data is damaged where a registered version no longer compiles, and serves the others', async () => {
    await register('a', 1, 'name: a\n');
    await register('a', 2);
    await catalog.start();
    expect(() => catalog.plan('a', 1)).toThrow(
      expect.objectContaining({ code: 'DATA_DAMAGED', message: expect.stringContaining('version 1 of workflow "a"') }),
    );
    expect(steps('a', 2)).toEqual(['a']);
  });
});
