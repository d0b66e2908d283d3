import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { simulateSeed, type Sabotage } from '@tutti/simulation';
import { FAULTY_VARIANTS } from './faulty-variants.js';

const SEEDS = 600;

/** The rules that the first seed of those tried breaks which breaks the wanted one. */
async function brokenBy(sabotage: Sabotage, wanted: string): Promise<readonly string[]> {
  const seen = new Set<string>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const { violations } = await simulateSeed(seed, { sabotage });
    for (const { invariant } of violations) seen.add(invariant);
    if (seen.has(wanted)) break;
  }
  return [...seen];
}

describe('a fault in the code', () => {
  it.each(FAULTY_VARIANTS)(
    'is seen: $name',
    async ({ sabotage, breaks }) => {
      expect(await brokenBy(sabotage, breaks)).toContain(breaks);
    },
    120_000,
  );

  it('is kept for every rule that has to do with what the system decides', () => {
    expect(new Set(FAULTY_VARIANTS.map(({ breaks }) => breaks)).size).toBeGreaterThanOrEqual(11);
  });
});
