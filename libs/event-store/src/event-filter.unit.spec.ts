import { describe, expect, it } from '@jest/globals';
import { coversFilter, eventMatcher, unionOfFilters } from './event-filter.js';

describe('filters of events', () => {
  it('cover one another when all that the other lets through passes', () => {
    expect(coversFilter({}, { categories: ['run'] })).toBe(true);
    expect(coversFilter({ categories: ['run'] }, {})).toBe(false);
    expect(coversFilter({ categories: ['run', 'agent'] }, { categories: ['agent'], types: ['A'] })).toBe(true);
    expect(coversFilter({ categories: ['run'], types: ['A'] }, { categories: ['run'] })).toBe(false);
    expect(coversFilter({ categories: ['run'] }, { types: ['A'] })).toBe(false);
    expect(coversFilter({ categories: ['run'] }, { types: [] })).toBe(true);
  });

  it('have a union that covers each of them, and is everything where one lets everything of a kind through', () => {
    const filters = [{ categories: ['run'], types: ['A'] }, { categories: ['agent'] }, { categories: [] }];
    expect(unionOfFilters(filters)).toEqual({ categories: ['agent', 'run'] });
    expect(unionOfFilters([...filters, { types: ['B'] }])).toEqual({});
    expect(unionOfFilters([{ types: ['B'] }, { types: ['A', 'B'] }])).toEqual({ types: ['A', 'B'] });
    for (const filter of filters) expect(coversFilter(unionOfFilters(filters), filter)).toBe(true);
  });

  it('let nothing through when nobody asks for anything', () => {
    const isWanted = eventMatcher(unionOfFilters([]));
    expect(isWanted({ stream: 'run-1', type: 'A' })).toBe(false);
    expect(eventMatcher()({ stream: 'run-1', type: 'A' })).toBe(true);
  });
});
