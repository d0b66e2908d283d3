import type { GlobalOptions } from '../global-options.js';
import type { Environment } from '../environment.port.js';
import { createStyle, wantsColor, type Style } from '../terminal/style.js';
import { renderTable, type Column } from '../terminal/table.js';
import { sanitizeText } from '../terminal/text-width.js';
import { documentText, streamItemText, type OutputFormat } from './output-format.js';

/** Where a command's results go. Standard output has nothing but them. */
export interface Printer {
  readonly format: OutputFormat;
  /** For standard output. */
  readonly style: Style;
  /** A line for a person, on standard output. */
  line(text?: string): void;
  /** A line beside the result, on standard error. */
  say(text: string): void;
  /** The result: `raw` whole for programs, the names of what it is about, or what `human` prints. */
  result(raw: unknown, human: () => void, names?: readonly string[]): void;
  /** A list: `raw` whole for programs and line by line for `jsonl`, the names, or what `human` prints. */
  list<Row>(list: ListResult<Row>): void;
  /** One of many: a line of JSON or a YAML document for programs, its name, or what `human` prints. */
  item(raw: unknown, human: () => void, name?: string): void;
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): void;
  /** The lines of a table, to be drawn. @throws Failure USAGE for `--columns` that it does not have */
  tableLines<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): readonly string[];
}

export interface ListResult<Row> {
  readonly raw: unknown;
  readonly rows: readonly Row[];
  /** What `jsonl` prints line by line; the first list of `raw` when left out. */
  readonly items?: readonly unknown[];
  readonly name: (row: Row) => string;
  readonly human: () => void;
}

export function createPrinter({ stdout, stderr, env }: Environment, options: GlobalOptions): Printer {
  const format = options.json === true ? 'json' : (options.output ?? 'table');
  const style = createStyle(wantsColor(options.color ?? 'auto', stdout.isTty, env));
  const line = (text = ''): void => stdout.write(`${text}\n`);
  const printNames = (names: readonly string[]): void => names.forEach((name) => line(sanitizeText(name)));
  const tableLines: Printer['tableLines'] = (rows, columns, none) => {
    const wide = options.wide === true;
    const chosen = options.columns?.split(',').map((each) => each.trim());
    // What is piped is cut nowhere: nobody can widen a pipe.
    const width = wide || !stdout.isTty ? Number.MAX_SAFE_INTEGER : stdout.columns();
    const lines = renderTable(rows, columns, { width, wide, style, ...(chosen === undefined ? {} : { chosen }) });
    return rows.length === 0 ? [style.dim(none)] : lines;
  };
  return {
    format,
    style,
    line,
    say: (text) => stderr.write(`${text}\n`),
    result(raw, human, names = []) {
      if (format === 'table') human();
      else if (format === 'name') printNames(names);
      else stdout.write(documentText(format, raw));
    },
    list({ raw, rows, items = firstList(raw), name, human }) {
      if (format === 'table') human();
      else if (format === 'name') printNames(rows.map(name));
      else if (format === 'jsonl') for (const one of items) stdout.write(streamItemText(format, one));
      else stdout.write(documentText(format, raw));
    },
    item(raw, human, name = '') {
      if (format === 'table') human();
      else if (format === 'name') printNames([name]);
      else stdout.write(streamItemText(format, raw));
    },
    table: (rows, columns, none) => tableLines(rows, columns, none).forEach((text) => line(text)),
    tableLines,
  };
}

/** The items of an answer as they came. */
function firstList(raw: unknown): readonly unknown[] {
  return Object.values(raw as object).find((member): member is readonly unknown[] => Array.isArray(member)) ?? [];
}
