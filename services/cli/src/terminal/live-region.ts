import type { TextSink } from '../environment.port.js';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_BELOW = '\u001b[J';

export interface DrawnLine {
  readonly text: string;
  /** Cells without the codes in it. */
  readonly width: number;
}

interface LiveRegion {
  /** Draws over what was drawn last. */
  draw(lines: readonly DrawnLine[]): void;
  /** Leaves what stands there and gives the cursor back. */
  close(): void;
}

/** The last lines of a terminal, redrawn in place. Lines must be narrower than the terminal, and fewer than its rows. */
export function createLiveRegion(sink: TextSink): LiveRegion {
  let drawn: readonly DrawnLine[] = [];
  let last = '';
  let hidden = false;
  return {
    draw(lines) {
      const body = lines.map(({ text }) => `${text}\n`).join('');
      // A terminal that got narrower has wrapped the lines, which then take more rows than were written.
      const columns = Math.max(1, sink.columns());
      const rows = drawn.reduce((sum, { width }) => sum + Math.max(1, Math.ceil(width / columns)), 0);
      if (body === last && rows === drawn.length) return;
      sink.write(`${hidden ? '' : HIDE_CURSOR}${rows > 0 ? `\u001b[${rows}A` : ''}\r${ERASE_BELOW}${body}`);
      hidden = true;
      drawn = lines;
      last = body;
    },
    close() {
      if (hidden) sink.write(SHOW_CURSOR);
      hidden = false;
      drawn = [];
      last = '';
    },
  };
}
