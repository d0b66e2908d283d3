import { describe, expect, it } from '@jest/globals';
import { toTuttiError } from '@tutti/kernel';
import type { Principal } from '../access/principal.js';
import { Places } from './places.js';

const withKey = (id: string): Principal => ({
  ...{ actor: `key:${id}`, credential: { kind: 'api-key', id }, permissions: new Set() },
  ...{ mayActAsOthers: false, expiresAtMs: null },
});
const ask = (places: Places, id: string): string => {
  try {
    places.take(withKey(id));
    return 'in';
  } catch (error) {
    return toTuttiError(error).code;
  }
};

describe('places for what stays open', () => {
  it('are not all had by one: others find the last quarter', () => {
    const places = new Places(4, 'feeds');
    expect([1, 2, 3, 4].map(() => ask(places, 'wild'))).toEqual(['in', 'in', 'in', 'OVERLOADED']);
    expect([ask(places, 'ann'), ask(places, 'bob')]).toEqual(['in', 'OVERLOADED']);
  });

  it('are there again when they are given back, each once', () => {
    const places = new Places(1, 'feeds');
    const giveBack = places.take(withKey('ann'));
    expect(ask(places, 'bob')).toBe('OVERLOADED');
    giveBack();
    giveBack();
    expect([ask(places, 'bob'), ask(places, 'ann')]).toEqual(['in', 'OVERLOADED']);
  });
});
