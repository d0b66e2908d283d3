import type { Span } from '../model/evidence.schema.js';
import { headingAt } from './headings.js';
import type { Line } from './lines.js';
import { plainText } from './plain-text.js';
import { cellsOf, isSeparatorRow, looksLikeRow } from './tables.js';

export interface Section {
  readonly title: string;
  readonly level: number;
  readonly line: number;
  readonly parent: Section | null;
  /** True for the document's own title: it says nothing about what stands under it. */
  readonly isTitle: boolean;
}

/** The words of a block line by line, markdown removed, so that every sentence knows its own lines. */
export interface BlockLine {
  readonly line: number;
  readonly text: string;
}

export interface Block {
  readonly kind: 'heading' | 'paragraph' | 'item' | 'row';
  readonly lines: readonly BlockLine[];
  readonly span: Span;
  readonly text: string;
  readonly section: Section | null;
  readonly indent: number;
  /** "3", "2.1" or "a" for an ordered item, null for a bullet or anything else. */
  readonly ordinal: string | null;
  readonly cells: readonly string[];
  readonly headers: readonly string[];
}

const ITEM = /^(\s*)(?:([-*+•‣◦▪–])|(\d{1,4}|[a-zA-Z]|[ivx]{2,4})[.)]|\((\d{1,4}|[a-z])\))\s+(\S.*)$/;
/** A line of running text that starts a statement of its own although no blank line stands before it. */
const STARTS_ANEW =
  /^(?:\[?[A-Z]{1,10}(?:[-_.][A-Z]{1,10})*[-_. ]?\d{1,5}(?:[.\-]\d{1,5})*(?:\]\s|\]?\s?[:.)\-–—])|\d{1,3}(?:\.\d{1,3})+\.?\s|(?:WHEN|WHILE|WHERE|IF|GIVEN|ID:|As an? )\b)/;
const BARE_LABEL = /^(?:[A-Z]{2,6}-\d{1,4}\s+[A-Z(]|(?:R|FR|NFR|REQ|BR|SR|UR|US|AC|UC|TR|PR|SEC|PERF)-?\d{1,4}\s)/;

export function readBlocks(lines: readonly Line[]): readonly Block[] {
  const blocks: Block[] = [];
  const atx = lines.some((line) => !line.masked && /^ {0,3}#{1,6}\s+\S/.test(line.raw));
  let section: Section | null = null;
  let open: { lines: BlockLine[]; kind: 'paragraph' | 'item'; indent: number; ordinal: string | null } | null = null;
  let headers: readonly string[] = [];

  const close = (): void => {
    if (open === null) return;
    const block = blockOf(open.kind, open.lines, section, open.indent, open.ordinal, [], []);
    if (block.text !== '') blocks.push(block);
    open = null;
  };

  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as Line;
    const raw = line.masked ? '' : line.raw.replace(/^\s{0,3}(?:>\s?)+/, '');
    const trimmed = raw.trim();
    if (trimmed === '' || /^([-*_=+~.#]\s?){3,}$/.test(trimmed.slice(0, 200))) {
      close();
      if (trimmed === '') headers = [];
      continue;
    }
    const heading = open === null || isHeadingMark(raw) ? headingAt(lines, index, raw, atx, blocks.at(-1)?.ordinal ?? null) : null;
    if (heading !== null) {
      close();
      section = {
        title: heading.title,
        level: heading.level,
        line: line.number,
        parent: parentOf(section, heading.level),
        isTitle:
          section === null && blocks.every((block) => block.kind !== 'heading') && isTitle(lines, index + heading.consumed, heading.level),
      };
      blocks.push(blockOf('heading', [{ line: line.number, text: heading.title }], section, 0, null, [], []));
      index += heading.consumed - 1;
      continue;
    }
    if (looksLikeRow(trimmed, lines[index + 1]?.raw ?? '', headers.length > 0)) {
      close();
      if (isSeparatorRow(trimmed)) continue;
      const cells = cellsOf(trimmed).map(plainText);
      if (isSeparatorRow(lines[index + 1]?.raw.trim() ?? '') && headers.length === 0) {
        headers = cells;
        continue;
      }
      blocks.push(
        blockOf('row', [{ line: line.number, text: cells.filter((cell) => cell !== '').join(' | ') }], section, 0, null, cells, headers),
      );
      continue;
    }
    headers = [];
    const item = ITEM.exec(raw);
    if (item !== null) {
      close();
      open = {
        kind: 'item',
        lines: [{ line: line.number, text: plainText(item[5] ?? '') }],
        indent: (item[1] ?? '').length,
        ordinal: item[3] ?? item[4] ?? null,
      };
      continue;
    }
    const text = plainText(trimmed);
    if (open === null || STARTS_ANEW.test(text) || BARE_LABEL.test(text) || namesAnother(open, text)) {
      close();
      open = { kind: 'paragraph', lines: [], indent: raw.length - raw.trimStart().length, ordinal: null };
    }
    open.lines.push({ line: line.number, text });
  }
  close();
  return blocks;
}

function blockOf(
  kind: Block['kind'],
  lines: readonly BlockLine[],
  section: Section | null,
  indent: number,
  ordinal: string | null,
  cells: readonly string[],
  headers: readonly string[],
): Block {
  const said = lines.filter((line) => line.text !== '');
  const first = said[0]?.line ?? lines[0]?.line ?? 1;
  const last = said.at(-1)?.line ?? first;
  const text = said.map((line) => line.text).join(' ');
  return { kind, lines: said, span: { from: first, to: last }, text, section, indent, ordinal, cells, headers };
}

/** The first heading is a title when deeper ones follow; alone it heads a list. */
function isTitle(lines: readonly Line[], from: number, level: number): boolean {
  if (level > 2) return false;
  return lines
    .slice(from)
    .some(
      (line, at) =>
        !line.masked &&
        (/^ {0,3}#{1,6}\s+\S/.test(line.raw) ||
          /^\d{1,2}(?:\.\d{1,2})*\.?\s+\p{Lu}[^.]{2,50}$/u.test(line.raw) ||
          (/^(?:={3,}|-{3,})$/.test(line.raw.trim()) && (lines[from + at - 1]?.raw.trim() ?? '') !== '')),
    );
}

/** "Reader: borrows books." below another such line is an entry of its own. */
function namesAnother(open: { readonly kind: string; readonly lines: readonly BlockLine[] }, text: string): boolean {
  return open.kind === 'paragraph' && /^\p{Lu}[\p{L} -]{2,30}:\s\S/u.test(text) && /[.;]$/.test(open.lines.at(-1)?.text ?? '');
}

function isHeadingMark(raw: string): boolean {
  return (
    /^ {0,3}#{1,6}\s/.test(raw) ||
    /^\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+\p{Lu}/u.test(raw) ||
    /^(?:\*\*|__)[^*_]{2,90}(?:\*\*|__)\s*:?\s*$/.test(raw)
  );
}

function parentOf(section: Section | null, level: number): Section | null {
  let at = section;
  while (at !== null && at.level >= level) at = at.parent;
  return at;
}

/** Titles from the outermost heading to the nearest. */
export function pathOf(section: Section | null): readonly string[] {
  const path: string[] = [];
  for (let at = section; at !== null; at = at.parent) path.unshift(at.title);
  return path;
}
