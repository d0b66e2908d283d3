import { paintLine, segment, type Line } from './line.js';
import { usageFailure } from '../failure/failure.js';
import type { Style, StyleName } from './style.js';
import { padText, sanitizeText, textWidth, truncateText } from './text-width.js';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  readonly paint?: (row: Row) => StyleName | undefined;
  /** Gives up cells when the table is too wide. */
  readonly flexible?: boolean;
  /** Only with `--wide`. */
  readonly wideOnly?: boolean;
}

interface TableOptions {
  /** Cells of a row; without end to cut nothing off. */
  readonly width: number;
  /** With the columns that are only shown on demand. */
  readonly wide: boolean;
  /** Only these, in this order, by their titles; blanks may be `-`, and case does not count. */
  readonly chosen?: readonly string[];
  readonly style: Style;
}

const GAP = 2;
const LEAST_FLEXIBLE = 8;

/** Aligned columns under their titles, one text per line. @throws Failure USAGE for a column that the table does not have */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], options: TableOptions): readonly string[] {
  const shown =
    options.chosen === undefined
      ? columns.filter((column) => options.wide || column.wideOnly !== true)
      : options.chosen.map((name) => columnOf(columns, name));
  const cells = rows.map((row) => shown.map((column) => sanitizeText(column.value(row))));
  const natural = shown.map((column, index) => Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[index] ?? ''))));
  const widths = fit(natural, shown, options.width);
  const line = (texts: readonly string[], paint: (column: Column<Row>) => StyleName | undefined): string => {
    const segments: Line = shown.flatMap((column, index) => {
      const width = widths[index] ?? 0;
      const text = padText(truncateText(texts[index] ?? '', width), width, column.align);
      return [segment(text, paint(column)), segment(index < shown.length - 1 ? ' '.repeat(GAP) : '')];
    });
    return paintLine(segments, options.width, options.style);
  };
  return [
    line(
      shown.map((column) => column.title),
      () => 'dim',
    ),
    ...rows.map((row, index) => line(cells[index] ?? [], (column) => column.paint?.(row))),
  ];
}

function columnOf<Row>(columns: readonly Column<Row>[], name: string): Column<Row> {
  const key = (title: string): string => title.toLowerCase().replaceAll(' ', '-');
  const column = columns.find(({ title }) => title !== '' && key(title) === key(name));
  if (column !== undefined) return column;
  const known = columns.filter(({ title }) => title !== '').map(({ title }) => key(title));
  throw usageFailure(`--columns: there is no column "${name}"`, `there are ${known.join(', ')}`);
}

/** Takes what is too much from the flexible columns, the widest first. */
function fit(natural: readonly number[], columns: readonly { readonly flexible?: boolean }[], width: number): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP * (widths.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const own = widths[index] ?? 0;
      if (column.flexible === true && own > LEAST_FLEXIBLE && own > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}
