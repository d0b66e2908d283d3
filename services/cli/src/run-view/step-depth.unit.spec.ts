import { describe, expect, it } from '@jest/globals';
import { stepDepths } from './step-depth.js';

function depths(...steps: readonly (readonly [string, ...string[]])[]): Readonly<Record<string, number>> {
  return Object.fromEntries(stepDepths(steps.map(([id, ...needs]) => ({ id, needs }))));
}

describe('the indentation of steps', () => {
  it('stays flat along a chain', () => {
    expect(depths(['a'], ['b', 'a'], ['c', 'b'])).toEqual({ a: 0, b: 0, c: 0 });
  });

  it('goes in for branches and comes back where they join', () => {
    expect(depths(['a'], ['b', 'a'], ['c', 'a'], ['b2', 'b'], ['d', 'b2', 'c'])).toEqual({ a: 0, b: 1, c: 1, b2: 1, d: 0 });
  });

  it('takes a need that is not there as none, and ends at a limit', () => {
    const nested: [string, ...string[]][] = [['s0', 'ghost']];
    for (let level = 0; level < 6; level++) nested.push([`s${level + 1}`, `s${level}`], [`other${level}`, `s${level}`]);
    expect(depths(...nested)['s6']).toBe(3);
    expect(depths(...nested)['s0']).toBe(0);
  });
});
