import type { Line } from './lines.js';
import { plainText } from './plain-text.js';

export interface Heading {
  readonly title: string;
  readonly level: number;
  /** How many lines the heading takes (2 when underlined). */
  readonly consumed: number;
}

const MODAL = /\b(?:must|shall|should|will|can|may|is|are|has|have|was|were|be)\b/i;
const BOLD_LEVEL = 7;
const COLON_LEVEL = 8;

/**
 * Recognises the heading styles that requirement documents use: `#`, underlined, `**bold**` alone on a line,
 * "3.1 Scope", "ALL CAPITALS" and "Scope:" before a list. `atx` says that the document has `#` headings; then a
 * single number with a point is a list item.
 */
export function headingAt(
  lines: readonly Line[],
  index: number,
  raw: string,
  atx: boolean,
  previousOrdinal: string | null,
): Heading | null {
  const trimmed = raw.trim();
  const hashes = /^ {0,3}(#{1,6})\s+(\S.*)$/.exec(raw);
  if (hashes !== null) {
    const title = plainText((hashes[2] ?? '').replace(/\s#+\s*$/, ''));
    return title === '' ? null : { title, level: (hashes[1] ?? '#').length, consumed: 1 };
  }
  if (trimmed.length > 120 || /^[-*+•]\s/.test(trimmed) || trimmed.startsWith('|')) return null;
  const underline = lines[index + 1]?.raw.trim() ?? '';
  if (/^(={3,}|-{3,}|~{3,})$/.test(underline) && !trimmed.includes('|')) {
    return { title: plainText(trimmed), level: underline.startsWith('=') ? 1 : 2, consumed: 2 };
  }
  const alone = isBlank(lines[index + 1]);
  const bold = /^(?:\*\*|__)([^*_]{2,90})(?:\*\*|__)\s*:?$/.exec(trimmed);
  if (bold !== null && !isSentence(bold[1] ?? '')) {
    return { title: plainText((bold[1] ?? '').replace(/:\s*$/, '')), level: BOLD_LEVEL, consumed: 1 };
  }
  const numbered = /^(\d{1,3}(?:\.\d{1,3})*)\.?\s+(\S.*)$/.exec(trimmed);
  if (numbered !== null) return numberedHeading(lines, index, numbered[1] ?? '', numbered[2] ?? '', atx, alone, previousOrdinal);
  const letters = trimmed.replace(/[^\p{L}]/gu, '');
  if (alone && letters.length >= 3 && letters === letters.toUpperCase() && letters !== letters.toLowerCase()) {
    if (wordCount(trimmed) <= 8 && !isSentence(trimmed)) return { title: plainText(trimmed.replace(/:\s*$/, '')), level: 2, consumed: 1 };
  }
  if (trimmed.endsWith(':') && wordCount(trimmed) <= 5 && !MODAL.test(trimmed) && /^\p{Lu}/u.test(trimmed) && listFollows(lines, index)) {
    return { title: plainText(trimmed.slice(0, -1)), level: COLON_LEVEL, consumed: 1 };
  }
  return null;
}

function numberedHeading(
  lines: readonly Line[],
  index: number,
  number: string,
  rest: string,
  atx: boolean,
  alone: boolean,
  previousOrdinal: string | null,
): Heading | null {
  const parts = number.split('.').length;
  if (isSentence(rest) || wordCount(rest) > 8 || !/^\p{Lu}/u.test(rest)) return null;
  if (parts === 1) {
    if (
      atx ||
      !(alone || startsPart(lines[index + 1]?.raw ?? '', number)) ||
      (!isBlank(lines[index - 1]) && !startsPart(lines[index + 1]?.raw ?? '', number)) ||
      Number(number) > 40
    )
      return null;
    if (previousOrdinal !== null && Number(previousOrdinal) + 1 === Number(number)) return null;
    if (nextIsItem(lines, index, Number(number) + 1)) return null;
  } else if (atx && !alone) {
    return null;
  }
  return { title: plainText(rest), level: Math.min(6, parts), consumed: 1 };
}

/** "1. Introduction" directly above "1.1 Purpose". */
function startsPart(line: string, number: string): boolean {
  return line.trim().startsWith(`${number}.1`);
}

function isBlank(line: Line | undefined): boolean {
  return line === undefined || line.masked || line.raw.trim() === '';
}

function isSentence(text: string): boolean {
  return MODAL.test(text) || /[.;,!?]$/.test(text.trim());
}

function wordCount(text: string): number {
  return text.trim().split(/\s+/).length;
}

function nextSaid(lines: readonly Line[], index: number): string {
  for (let at = index + 1; at < Math.min(lines.length, index + 5); at += 1) {
    const line = lines[at];
    if (!isBlank(line)) return line?.raw.trim() ?? '';
  }
  return '';
}

function nextIsItem(lines: readonly Line[], index: number, number: number): boolean {
  return new RegExp(`^${number}[.)]\\s`).test(nextSaid(lines, index));
}

function listFollows(lines: readonly Line[], index: number): boolean {
  return /^(?:[-*+•–]|\d{1,3}[.)]|\([a-z0-9]\)|[a-z][.)])\s/.test(nextSaid(lines, index)) || !/^[|#]/.test(nextSaid(lines, index));
}
