import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { simulateSeed, type Sabotage } from '@tutti/simulation';
import { FAULTY_VARIANTS } from './faulty-variants.js';

/** Within so many each variant is seen. */
const SEEDS = 1_200;

/** The rules that are broken up to the first seed that breaks the wanted one. */
async function brokenBy(sabotage: Sabotage, wanted: string, likely: number): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let tried = -1; tried < SEEDS; tried++) {
    const { violations } = await simulateSeed(tried < 0 ? likely : tried, { sabotage });
    for (const { invariant } of violations) seen.add(invariant);
    if (seen.has(wanted)) break;
  }
  return [...seen];
}

describe('a fault in the code', () => {
  it.each(FAULTY_VARIANTS)(
    'is seen: $name',
    async ({ sabotage, breaks, seed }) => {
      expect(await brokenBy(sabotage, breaks, seed)).toContain(breaks);
    },
    120_000,
  );

  it('is kept for every rule that has to do with what the system decides', () => {
    expect(new Set(FAULTY_VARIANTS.map(({ breaks }) => breaks)).size).toBeGreaterThanOrEqual(12);
  });
});
