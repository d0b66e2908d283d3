import { describe, expect, it } from '@jest/globals';
import { runView } from '@tutti/rest-contract';
import { filterIn, isFiltered, isLabel, matchesText, parametersOf, type RunFilter } from './run-filter.js';

const NONE: RunFilter = { status: '', workflow: '', labels: [], text: '', children: false, after: '' };
const RUN = runView.parse({ id: '0192-abc', workflow: 'release', labels: { team: 'core' }, startedBy: 'user:ann' });

describe('the filter of the list of runs', () => {
  it('comes back from the address as it went in', () => {
    const filter = { status: 'failed', workflow: 'release', labels: ['team=core', 'note=a=b'], text: 'x y', children: true, after: 'x1' };
    expect(filterIn(parametersOf(filter))).toEqual(filter);
  });

  it('leaves the address alone when nothing is filtered', () => {
    expect(parametersOf(NONE).toString()).toBe('');
    expect(isFiltered(NONE)).toBe(false);
  });

  it('passes over what an address has of no known status and of no label', () => {
    expect(filterIn(new URLSearchParams('status=exploded&label=team'))).toEqual(NONE);
  });

  it.each(['0192', 'RELEASE', 'team=co', 'ann', ' '])('finds a run by %p', (text) => expect(matchesText(RUN, text)).toBe(true));
  it('does not find it by what it has not', () => expect(matchesText(RUN, 'platform')).toBe(false));

  it.each([
    ['a=b', true],
    ['a=', true],
    ['=b', false],
    ['a', false],
  ])('takes %p for a label: %p', (text, is) => expect(isLabel(text)).toBe(is));
});
