import { describe, expect, it } from '@jest/globals';
import { layoutFor, layoutOf } from './graph-layout.js';

const STEPS = [
  { id: 'a', needs: [] },
  { id: 'b', needs: ['a'] },
  { id: 'c', needs: ['a'] },
  { id: 'd', needs: ['b', 'c', 'gone'] },
];

describe('the places of steps in the graph', () => {
  it.each([
    ['LR', 'x', 'y'],
    ['TB', 'y', 'x'],
  ] as const)('puts a step after what it needs (%s)', (direction, along, across) => {
    const { places } = layoutOf(STEPS, direction);
    const at = (id: string) => places.find((place) => place.id === id) ?? { x: NaN, y: NaN };
    expect(at('a')[along]).toBeLessThan(at('b')[along]);
    expect(at('b')[along]).toBe(at('c')[along]);
    expect(at('b')[across]).not.toBe(at('c')[across]);
    expect(at('c')[along]).toBeLessThan(at('d')[along]);
  });

  it('draws an edge for each need that is a step of the run', () => {
    expect(layoutOf(STEPS, 'LR').edges).toEqual([
      { from: 'a', to: 'b' },
      { from: 'a', to: 'c' },
      { from: 'b', to: 'd' },
      { from: 'c', to: 'd' },
    ]);
  });

  it('goes along the longer side of the room, unless the other way is drawn much larger', () => {
    const [wide, tall] = [
      { width: 1_100, height: 460 },
      { width: 340, height: 460 },
    ];
    const alone = ['a', 'b', 'c', 'd'].map((id) => ({ id, needs: [] }));
    expect([layoutFor(STEPS, wide).isVertical, layoutFor(STEPS, tall).isVertical, layoutFor(alone, tall).isVertical]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('takes a run without steps', () => expect(layoutOf([], 'LR').places).toEqual([]));
});
