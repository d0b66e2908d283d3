import { describe, expect, it } from '@jest/globals';
import { RecentCache } from './recent-cache.js';

describe('recent cache', () => {
  it('keeps what was used last and drops what was not, holding at most twice its size', () => {
    const cache = new RecentCache<number>(3);
    for (let value = 0; value < 30; value++) {
      cache.set(`key-${value}`, value);
      expect(cache.get('key-0')).toBe(0);
    }
    const kept = Array.from({ length: 30 }, (_, value) => cache.get(`key-${value}`)).filter((value) => value !== undefined);
    expect(kept).toContain(29);
    expect(kept).toContain(28);
    expect(kept.length).toBeLessThanOrEqual(6);
  });
});
