import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { RunMetrics } from './run-metrics.js';

/** Its own gauge is made by the process. */
const OF_THE_PROCESS = ['tutti_metrics_position'];

describe('docs/metrics.md', () => {
  it('names every metric with its type and labels', async () => {
    const shown = new Registry();
    new RunMetrics(shown);
    const made = (await shown.getMetricsAsJSON()).map(({ name, type }) => {
      const labels = (shown.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] }).labelNames;
      return [name, String(type), labels.join(', ')];
    });
    const text = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `(?<name>tutti_\w+)` \| (?<type>\w+) \| (?<labels>[\w, ]*?) ?\|/gm)];
    const named = rows.map(({ groups }) => [groups?.['name'] ?? '', groups?.['type'] ?? '', groups?.['labels'] ?? '']);
    expect(named.filter(([name]) => !OF_THE_PROCESS.includes(name ?? '')).sort()).toEqual(made.sort());
  });
});
