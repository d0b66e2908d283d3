import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { EventStore } from '@tutti/event-store';
import type { NewEvent } from '@tutti/kernel';
import { createSystemRuntime } from '@tutti/service-kit';
import { root } from '../product/paths.js';

interface Plan {
  readonly stream: string;
  readonly appends: readonly (readonly number[])[];
}

interface Ceiling {
  carry(plans: readonly Plan[], inFlight: number): Promise<number>;
  close(): void;
}

/** The benchmark runs without being compiled, so its modules have no types. */
async function load<Module>(name: string): Promise<Module> {
  return (await import(pathToFileURL(join(root, 'test', 'bench', name)).href)) as Module;
}

describe('the ceiling of the benchmark', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-ceiling-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps every record of every run, in the order and of the size of its appends', async () => {
    const { openCeiling } = await load<{ readonly openCeiling: (file: string) => Ceiling }>('ceiling.mjs');
    const plans: readonly Plan[] = [
      { stream: 'run-1', appends: [[10, 20], [30], [5]] },
      { stream: 'run-2', appends: [[7], [700]] },
      { stream: 'run-3', appends: [[1], [2], [3], [4]] },
    ];
    const file = join(folder, 'ceiling.db');
    const ceiling = openCeiling(file);
    await ceiling.carry(plans, 2);
    ceiling.close();
    const database = new DatabaseSync(file);
    const rows = database.prepare('SELECT stream, length(data) AS bytes FROM record ORDER BY position').all();
    const kept = plans.map(({ stream }) => rows.filter((row) => row['stream'] === stream).map(({ bytes }) => bytes));
    database.close();
    expect(kept).toEqual(plans.map(({ appends }) => appends.flat()));
  });
});

describe('what the benchmark knows of a run', () => {
  it('are its appends, with the bytes of each record, until it is asked', async () => {
    const { recordAppends } = await load<{
      readonly recordAppends: (store: EventStore) => { plans(): Promise<readonly Plan[]> };
    }>('append-plans.mjs');
    const runtime = createSystemRuntime();
    const store = createInMemoryEventStore(runtime);
    const event = (text: string): NewEvent => ({
      id: runtime.ids.next(),
      type: 'Happened',
      schemaVersion: 1,
      data: { text },
      metadata: {
        correlationId: 'c',
        causationId: null,
        traceparent: null,
        actor: 'user:a',
        tenant: 'default',
        subject: null,
        keyId: null,
      },
    });
    const first = event('');
    const fixed = JSON.stringify(first.data).length + JSON.stringify(first.metadata).length;
    const recorded = recordAppends(store);
    await store.append('run-1', [first, event('ab')], 'no-stream');
    await store.append('agent-x', [event('not of a run')], 'no-stream');
    await store.append('run-1', [event('ü')], 1);
    expect(await recorded.plans()).toEqual([{ stream: 'run-1', appends: [[fixed, fixed + 2], [fixed + 2]] }]);
    await store.append('run-1', [event('later')], 2);
    expect(Object.hasOwn(store, 'append')).toBe(false);
  });
});

describe('the chart of the benchmark', () => {
  const machine = { cpus: 2, cpu: 'a <fast> one', node: 'v24', fdatasyncMs: 0.3 };
  const speed = (stepsPerSecond: number) => ({ stepsPerSecond });

  it('shows what was measured, to scale, and names the machine', async () => {
    const { drawChart } = await load<{ readonly drawChart: (found: object) => string }>('chart.mjs');
    const W3 = { byCalls: speed(12_345), byRest: speed(6_000), ceiling: speed(24_690), ratio: { median: 0.5 } };
    const svg = drawChart({ machine, measuredAt: '2026-01-02T03:04:05Z', W3 });
    const widths = [...svg.matchAll(/<rect class="(\w+)" [^>]*width="([\d.]+)"/g)].map(([, kind, width]) => [kind, Number(width)]);
    expect(widths).toEqual([
      ['tutti', 200],
      ['rest', expect.closeTo(97.2, 0)],
      ['ceiling', 400],
    ]);
    expect(svg).toContain('>12,345 (0.5 of it)<');
    expect(svg).toContain('a &lt;fast> one');
    expect(svg).toContain('2026-01-02');
  });

  it('is not drawn of nothing', async () => {
    const { drawChart } = await load<{ readonly drawChart: (found: object) => string }>('chart.mjs');
    expect(() => drawChart({ machine, measuredAt: '2026-01-02T03:04:05Z' })).toThrow('none was measured');
  });
});

describe('the options of the benchmark', () => {
  it('are refused when they name a part that there is not', async () => {
    const { readOptions } = await load<{ readonly readOptions: (argv: readonly string[]) => { readonly only: ReadonlySet<string> } }>(
      'options.mjs',
    );
    expect([...readOptions(['--only', 'W3, idle']).only]).toEqual(['W3', 'idle']);
    expect(() => readOptions(['--only', 'W3,speed'])).toThrow(/does not know speed[\s\S]*Usage:/);
  });
});
