import { describe, expect, it } from '@jest/globals';
import { OpenWork } from './open-work.js';

describe('open work', () => {
  it('is there until it ends, and ends once', () => {
    const open = new OpenWork<number>(10);
    open.begin('a', 1);
    expect([open.get('a'), open.end('a'), open.end('a'), open.size]).toEqual([1, 1, null, 0]);
  });

  it('forgets what began first when there is too much of it; what begins anew is young again', () => {
    const open = new OpenWork<number>(2);
    open.begin('a', 1);
    open.begin('b', 2);
    open.begin('a', 3);
    open.begin('c', 4);
    expect([open.get('a'), open.get('b'), open.get('c')]).toEqual([3, null, 4]);
  });
});
