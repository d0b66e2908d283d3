import { stripVTControlCharacters } from 'node:util';
import { pause } from '@tutti/client/http';
import type { Answer } from '../api/api.js';
import type { Cli } from '../cli.js';
import { wholeNumber, type Flag } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { isFailure } from '../failure/failure.js';
import { createLiveRegion } from '../terminal/live-region.js';
import type { Column } from '../terminal/table.js';
import { textWidth } from '../terminal/text-width.js';

export interface ListOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly watch?: boolean;
}

interface Listing<Row> {
  readonly read: (limit: number | undefined) => Promise<Answer<readonly Row[]>>;
  readonly name: (row: Row) => string;
  readonly columns: (nowMs: number) => readonly Column<Row>[];
  /** Said where there are none. */
  readonly none: string;
}

const MOST = 100_000;
const WATCH_MS = 2_000;

/** What every list takes. */
export function listFlags(limit: number, all = 'all there are, whatever the limit'): readonly Flag[] {
  return [
    { flags: '--limit <n>', summary: 'at most so many', parse: wholeNumber(1, MOST), default: limit },
    { flags: '--all', summary: all },
    { flags: '-w, --watch', summary: 'show it again whenever it changes, until Ctrl-C' },
  ];
}

/** Prints a list, once or whenever it changes. */
export async function showList<Row>(cli: Cli, options: ListOptions, listing: Listing<Row>): Promise<ExitCode> {
  const read = (): Promise<Answer<readonly Row[]>> => listing.read(options.all === true ? undefined : options.limit);
  if (options.watch === true) return watchList(cli, read, listing);
  const { raw, value } = await read();
  cli.list({ raw, rows: value, name: listing.name, human: () => cli.table(value, listing.columns(cli.now()), listing.none) });
  return EXIT.ok;
}

async function watchList<Row>(cli: Cli, read: () => Promise<Answer<readonly Row[]>>, listing: Listing<Row>): Promise<ExitCode> {
  const stopped = new AbortController();
  const stopInterrupts = cli.environment.interrupts.onInterrupt(() => stopped.abort());
  const show = showChanges(cli, listing);
  let lost = false;
  try {
    while (!stopped.signal.aborted) {
      const answer = await read().catch((error: unknown) => {
        if (!isFailure(error, 'UNREACHABLE') && !isFailure(error, 'NOT_RUNNING')) throw error;
        if (!lost) cli.say(`connection lost (${error.message}); trying again`);
        lost = true;
        return null;
      });
      if (answer !== null) {
        lost = false;
        show.next(answer);
      }
      await pause(cli.environment.runtime, WATCH_MS, stopped.signal);
    }
  } finally {
    show.close();
    stopInterrupts();
  }
  return EXIT.interrupted;
}

interface Changes<Row> {
  next(answer: Answer<readonly Row[]>): void;
  close(): void;
}

/** On a terminal in place; in a pipe the table anew when it changed; for programs each item that is new or changed. */
function showChanges<Row>(cli: Cli, { columns, none, name }: Listing<Row>): Changes<Row> {
  const { stdout } = cli.environment;
  if (cli.live) {
    const region = createLiveRegion(stdout);
    return {
      next({ value }) {
        const lines = cli.tableLines(value, columns(cli.now()), none).slice(0, Math.max(1, stdout.rows() - 1));
        region.draw(lines.map((text) => ({ text, width: textWidth(stripVTControlCharacters(text)) })));
      },
      close: () => region.close(),
    };
  }
  let before = new Map<string, string>();
  return {
    next({ value }) {
      const now = new Map(value.map((row) => [name(row), JSON.stringify(row)]));
      const changed = value.filter((row) => before.get(name(row)) !== now.get(name(row)));
      const isSame = changed.length === 0 && now.size === before.size && before.size > 0;
      before = now;
      if (cli.format !== 'table') for (const row of changed) cli.item(row, () => {}, name(row));
      else if (!isSame) cli.table(value, columns(cli.now()), none);
    },
    close() {},
  };
}
