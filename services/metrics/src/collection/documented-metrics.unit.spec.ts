import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { countProgress } from '../process/metrics-process.js';
import { RunMetrics } from './run-metrics.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const text = read('../../../../docs/metrics.md');

describe('docs/metrics.md', () => {
  it('names every metric with its type and labels', async () => {
    const shown = new Registry();
    new RunMetrics(shown);
    countProgress(shown, { position: 7, failures: 2 });
    const made = (await shown.getMetricsAsJSON()).map(({ name, type }) => {
      const labels = (shown.getSingleMetric(name) as unknown as { readonly labelNames: readonly string[] }).labelNames;
      return [name, String(type), labels.join(', ')];
    });
    const rows = [...text.matchAll(/^\| `(?<name>tutti_\w+)` \| (?<type>\w+) \| (?<labels>[\w, ]*?) ?\|/gm)];
    const named = rows.map(({ groups }) => [groups?.['name'] ?? '', groups?.['type'] ?? '', groups?.['labels'] ?? '']);
    expect(named.sort()).toEqual(made.sort());
  });

  it('shows a handler as it stands in the code', () => {
    const [, sample = ''] = /^```ts\n(.*?)^```$/ms.exec(text) ?? [];
    expect(sample).toContain('@OnRunEvent(');
    expect(read('./run-metrics.controller.ts')).toContain(sample.replace(/^(?=.)/gm, '  '));
  });
});
