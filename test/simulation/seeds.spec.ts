import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { addReport, describeReport, emptySummary, missingTypes, simulateSeed } from '@tutti/simulation';

const SEEDS = 300;
const REPEATED = [1, 7, 42, 102, 289];

describe('the system under simulation', () => {
  it(`breaks no rule in ${SEEDS} seeds, which bring about every type of event`, async () => {
    const summary = emptySummary();
    for (let seed = 0; seed < SEEDS; seed++) {
      const report = await simulateSeed(seed);
      if (report.violations.length > 0) throw new Error(describeReport(report));
      addReport(summary, report);
    }
    expect(missingTypes(summary)).toEqual([]);
  }, 300_000);

  it.each(REPEATED)('does exactly the same again for seed %d', async (seed) => {
    const [first, second] = [await simulateSeed(seed), await simulateSeed(seed)];
    expect(second.log.length).toBeGreaterThan(0);
    expect([second.hash, second.steps, second.simulatedMs]).toEqual([first.hash, first.steps, first.simulatedMs]);
  });

  it('does something else for another seed', async () => {
    expect((await simulateSeed(1)).hash).not.toBe((await simulateSeed(2)).hash);
  });

  it('does the same whether it is watched or not', async () => {
    const lines: string[] = [];
    const traced = await simulateSeed(5, { trace: (line) => lines.push(line) });
    expect(lines.length).toBeGreaterThan(10);
    expect(traced.hash).toBe((await simulateSeed(5)).hash);
  });
});
