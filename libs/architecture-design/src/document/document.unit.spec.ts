import { describe, expect, it } from '@jest/globals';
import { cite, escapeText, quote } from './cite.js';
import { checkCitations } from './check-citations.js';

describe('checkCitations', () => {
  const source = 'first line\n- The **system** must `print`.\nIt is\nblue.';

  it('accepts an extract of its lines whatever the markdown is', () => {
    expect(checkCitations('“The system must print.” [L2] and “It is blue.” [L3-L4] derived from [L1]', source)).toEqual([]);
  });

  it.each([
    ['“The system must sing.” [L2]', 'do not say this'],
    ['“The system must print.” [L1]', 'do not say this'],
    ['derived from [L9]', 'lines 1 to 4'],
    ['“The system must print.” without a source', 'without lines'],
    ['[L3-L2]', 'lines 1 to 4'],
  ])('reports %s', (markdown, problem) => {
    expect(checkCitations(markdown, source)).toMatchObject([{ line: 1, problem: expect.stringContaining(problem) }]);
  });

  it('does not take brackets of the input for citations', () => {
    expect(checkCitations(quote({ text: 'see [L99] | here', from: 1, to: 1 }), 'see [L99] | here')).toEqual([]);
  });
});

describe('cite and escape', () => {
  it('names one line or a range', () => {
    expect([cite({ from: 3, to: 3 }), cite({ from: 3, to: 5 })]).toEqual(['[L3]', '[L3-L5]']);
  });

  it('lets no bar, bracket, tag or quotation mark of the input act as markdown', () => {
    expect(escapeText('a | [b](c) <i> “d” *e*')).toBe('a \\| \\[b\\](c) &lt;i> "d" \\*e\\*');
  });
});
