/** One line of the input as the engine reads it; `raw` is what a reader sees in an editor. */
export interface Line {
  readonly number: number;
  readonly raw: string;
  /** Set for code fences, HTML comments and front matter: it counts as a line, but says nothing. */
  readonly masked: boolean;
}

/**
 * Splits at LF, CRLF or a lone CR, so that numbers are those an editor shows. A byte order mark and form feeds are
 * blanked. Content of fences and comments is masked, never removed: removal would shift every later line number.
 */
export function splitLines(source: string): readonly Line[] {
  const rows = source.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const lines: Line[] = [];
  let fence: string | null = null;
  let inComment = false;
  const frontMatterEnd = frontMatterEndLine(rows);
  const lastCommentEnd = rows.findLastIndex((row) => row.includes('-->'));
  for (const [index, row] of rows.entries()) {
    const raw = row.replaceAll('\f', '').replaceAll('\t', '    ').replaceAll('\u00A0', ' ');
    const number = index + 1;
    if (index <= frontMatterEnd) {
      lines.push({ number, raw, masked: true });
      continue;
    }
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1] ?? null;
    if (fence !== null) {
      lines.push({ number, raw, masked: true });
      if (mark !== null && mark.startsWith(fence) && raw.trim() === mark) fence = null;
      continue;
    }
    if (mark !== null && !inComment && hasClosingFence(rows, index, mark)) {
      fence = mark;
      lines.push({ number, raw, masked: true });
      continue;
    }
    // A comment that is never closed would hide the rest of the document; then its opening is taken as text.
    if (!inComment && raw.includes('<!--') && !raw.includes('-->') && index >= lastCommentEnd) {
      lines.push({ number, raw, masked: false });
      continue;
    }
    const shown = withoutComments(raw, inComment);
    inComment = shown.open;
    lines.push({ number, raw: shown.text, masked: shown.text.trim() === '' && raw.trim() !== '' });
  }
  return lines;
}

/** An unclosed fence would swallow the rest of the document; then its opening line is taken as text. */
function hasClosingFence(rows: readonly string[], at: number, mark: string): boolean {
  for (let index = at + 1; index < rows.length; index += 1) {
    const row = rows[index]?.trim() ?? '';
    if (row.startsWith(mark) && row === (mark[0] ?? '').repeat(row.length)) return true;
  }
  return false;
}

function frontMatterEndLine(rows: readonly string[]): number {
  if (rows[0]?.trim() !== '---') return -1;
  for (let index = 1; index < Math.min(rows.length, 60); index += 1) {
    const row = rows[index]?.trim() ?? '';
    if (row === '---') return index;
    if (row !== '' && !/^[\w-]+:|^- |^#/.test(row)) return -1;
  }
  return -1;
}

function withoutComments(raw: string, open: boolean): { readonly text: string; readonly open: boolean } {
  let text = '';
  let rest = raw;
  let inside = open;
  while (rest !== '') {
    const at = rest.indexOf(inside ? '-->' : '<!--');
    if (at < 0) {
      if (!inside) text += rest;
      break;
    }
    if (!inside) text += rest.slice(0, at);
    rest = rest.slice(at + (inside ? 3 : 4));
    inside = !inside;
  }
  return { text, open: inside };
}
