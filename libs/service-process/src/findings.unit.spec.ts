import { describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import type { RunningProjection } from '@tutti/read-models';
import { findingOf, findReadModels } from './findings.js';

const following = (lag: number): RunningProjection =>
  ({ status: () => ({ state: 'following' }), lag: () => Promise.resolve(lag) }) as unknown as RunningProjection;
const stopped = {
  status: () => ({ state: 'failed', error: new TuttiError('INTERNAL', 'runs: event 7 cannot be folded') }),
} as unknown as RunningProjection;

describe('what is found of read models', () => {
  it.each([
    ['none that is followed yet', [], { status: 'warning', detail: 'not followed yet' }],
    [
      'some that are behind a little',
      [following(3), following(40)],
      { status: 'ok', detail: '2 projections, at most 40 positions behind' },
    ],
    ['one far behind', [following(0), following(10_001)], { status: 'warning', detail: '2 projections, at most 10001 positions behind' }],
    ['one that stands still', [following(0), stopped], { status: 'failed', detail: 'runs: event 7 cannot be folded' }],
  ])('is told of %s', async (_, running, expected) => {
    expect(await findReadModels(running)).toEqual(expected);
  });

  it('is a failure with its reason when they cannot be asked', async () => {
    expect(await findingOf(() => Promise.reject(new Error('the file is gone')))).toEqual({ status: 'failed', detail: 'the file is gone' });
  });
});
