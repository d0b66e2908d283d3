import { describe, expect, it } from '@jest/globals';
import { paintLine, segment } from './line.js';
import { createLiveRegion } from './live-region.js';
import { canRedraw, createStyle, wantsColor } from './style.js';
import { renderTable, type Column } from './table.js';
import { padText, sanitizeText, textWidth, truncateText } from './text-width.js';
import { agoText, durationText, timeOfDay } from './time-text.js';

describe('the width of text', () => {
  it.each([
    ['plain', 5],
    ['日本語', 6],
    ['e\u0301te\u0301', 3],
    ['👩‍👩‍👧‍👦', 2],
    ['한글', 4],
    ['ﾊﾝｶｸ', 4],
    ['✓ ok', 4],
    ['', 0],
  ])('of %p is %i cells', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('is not exceeded by truncation, which never cuts a character in two', () => {
    expect(truncateText('日本語', 5)).toBe('日本…');
    expect(truncateText('日本語', 4)).toBe('日…');
    expect(truncateText('ab👩‍👩‍👧‍👦cd', 4)).toBe('ab…');
    expect(truncateText('abcdef', 1)).toBe('…');
    expect(truncateText('abc', 0)).toBe('');
    expect(truncateText('abc', 3)).toBe('abc');
  });

  it('is filled up by padding on either side', () => {
    expect(padText('日', 4)).toBe('日  ');
    expect(padText('7', 3, 'right')).toBe('  7');
  });

  it('cannot be escaped from: control characters and direction marks are taken out', () => {
    expect(sanitizeText('a\u001b[31mb\u0007\u202ec\nd')).toBe('a�[31mb�c d');
  });
});

describe('a painted line', () => {
  it('counts cells without the colours and ends without blanks', () => {
    expect(paintLine([segment('abc', 'red'), segment('def  ')], 5, createStyle(true))).toBe('\u001b[31mabc\u001b[39md…');
    expect(paintLine([segment('abc'), segment('   ', 'dim')], 10, createStyle(true))).toBe('abc');
  });
});

describe('the choice of colours', () => {
  it.each([
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['auto', false, { FORCE_COLOR: '1' }, true],
    ['auto', true, { FORCE_COLOR: '0' }, false],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, {}, false],
  ] as const)('%s on a terminal (%p) with %p is %p', (choice, isTty, env, expected) => {
    expect(wantsColor(choice, isTty, env)).toBe(expected);
  });

  it('is apart from drawing in place, which needs a terminal that somebody watches', () => {
    expect(canRedraw(true, {})).toBe(true);
    expect(canRedraw(false, {})).toBe(false);
    expect(canRedraw(true, { TERM: 'dumb' })).toBe(false);
    expect(canRedraw(true, { CI: 'true' })).toBe(false);
    expect(canRedraw(true, { CI: 'false' })).toBe(true);
  });
});

describe('a table', () => {
  interface Row {
    readonly id: string;
    readonly title: string;
    readonly count: number;
  }
  const columns: readonly Column<Row>[] = [
    { title: 'ID', value: ({ id }) => id },
    { title: 'TITLE', value: ({ title }) => title, flexible: true },
    { title: 'COUNT', value: ({ count }) => String(count), align: 'right' },
    { title: 'MORE', value: () => 'more', wideOnly: true },
  ];
  const rows: readonly Row[] = [
    { id: 'a', title: 'short', count: 5 },
    { id: 'bbb', title: '設計 a title that goes on and on', count: 1234 },
  ];
  const style = createStyle(false);

  it('aligns its columns, wide characters included', () => {
    expect(renderTable(rows, columns, { width: 200, wide: false, style })).toEqual([
      'ID   TITLE                             COUNT',
      'a    short                                 5',
      'bbb  設計 a title that goes on and on   1234',
    ]);
  });

  it('takes what is too much from the flexible column alone', () => {
    expect(renderTable(rows, columns, { width: 24, wide: false, style })).toEqual([
      'ID   TITLE         COUNT',
      'a    short             5',
      'bbb  設計 a titl…   1234',
    ]);
  });

  it('shows all columns on demand', () => {
    expect(renderTable(rows.slice(0, 1), columns, { width: Number.MAX_SAFE_INTEGER, wide: true, style })[0]).toBe('ID  TITLE  COUNT  MORE');
  });
});

describe('times as text', () => {
  it.each([
    [0, '0.0s'],
    [340, '0.3s'],
    [59_999, '59.9s'],
    [184_000, '3m 04s'],
    [7_380_000, '2h 03m'],
    [352_800_000, '4d 02h'],
    [-5, '0.0s'],
  ])('a duration of %i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it.each([
    ['2026-01-01T12:00:00.000Z', 'just now'],
    ['2026-01-01T11:59:48.000Z', '12s ago'],
    ['2026-01-01T11:55:00.000Z', '5m ago'],
    ['2026-01-01T09:00:00.000Z', '3h ago'],
    ['2025-12-30T12:00:00.000Z', '2d ago'],
    [undefined, '-'],
    ['no time', '-'],
  ])('%s at noon is %s', (iso, text) => {
    expect(agoText(iso, Date.UTC(2026, 0, 1, 12))).toBe(text);
  });

  it('are local for the time of day', () => {
    expect(timeOfDay(Date.UTC(2026, 0, 1, 23, 30), 60)).toBe('00:30:00.000');
  });
});

describe('lines drawn in place', () => {
  function terminal(columns: number) {
    const written: string[] = [];
    let now = columns;
    return {
      sink: { isTty: true, columns: () => now, rows: () => 24, write: (text: string) => void written.push(text), onResize: () => () => {} },
      written,
      narrow: (to: number) => (now = to),
    };
  }

  it('go up by as many rows as were drawn, and hide the cursor until they are closed', () => {
    const { sink, written } = terminal(80);
    const region = createLiveRegion(sink);
    region.draw([
      { text: 'one', width: 3 },
      { text: 'two', width: 3 },
    ]);
    region.draw([{ text: 'three', width: 5 }]);
    region.close();
    expect(written).toEqual(['\u001b[?25l\r\u001b[Jone\ntwo\n', '\u001b[2A\r\u001b[Jthree\n', '\u001b[?25h']);
  });

  it('write nothing when nothing changed', () => {
    const { sink, written } = terminal(80);
    const region = createLiveRegion(sink);
    region.draw([{ text: 'one', width: 3 }]);
    region.draw([{ text: 'one', width: 3 }]);
    expect(written).toHaveLength(1);
  });

  it('count the rows that a line takes once the terminal got narrower', () => {
    const { sink, written, narrow } = terminal(80);
    const region = createLiveRegion(sink);
    region.draw([{ text: 'x'.repeat(50), width: 50 }]);
    narrow(20);
    region.draw([{ text: 'short', width: 5 }]);
    expect(written[1]).toBe('\u001b[3A\r\u001b[Jshort\n');
  });
});
