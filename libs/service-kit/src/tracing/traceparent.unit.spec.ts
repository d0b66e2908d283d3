import { describe, expect, it } from '@jest/globals';
import { formatTraceparent, isSameTrace, parseTraceparent } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('a traceparent', () => {
  it('is read and written again as it was', () => {
    for (const flags of ['00', '01']) {
      const parsed = parseTraceparent(`00-${TRACE}-${SPAN}-${flags}`);
      expect(parsed).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: flags === '01' });
      expect(parsed === null ? '' : formatTraceparent(parsed)).toBe(`00-${TRACE}-${SPAN}-${flags}`);
    }
  });

  it('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-03-what-comes`)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
  });

  it.each([
    ['nothing', null],
    ['an empty text', ''],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['the version that is forbidden', `ff-${TRACE}-${SPAN}-01`],
    ['half of one', `00-${TRACE}`],
  ])('is none where it is %s', (_, text) => {
    expect(parseTraceparent(text)).toBeNull();
  });

  it('is of the same trace as another by its trace alone, and as none of none', () => {
    expect(isSameTrace(`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${'1'.repeat(16)}-00`)).toBe(true);
    expect(isSameTrace(`00-${TRACE}-${SPAN}-01`, `00-${'1'.repeat(32)}-${SPAN}-01`)).toBe(false);
    expect(isSameTrace(null, null)).toBe(false);
  });
});
