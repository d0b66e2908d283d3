import type { Style, StyleName } from './style.js';
import { textWidth, truncateText } from './text-width.js';

/** A piece of a line and how it is painted. Widths are taken before painting, so colours never count. */
export interface Segment {
  readonly text: string;
  readonly paint?: StyleName;
}

export type Line = readonly Segment[];

export function segment(text: string, paint?: StyleName): Segment {
  return paint === undefined ? { text } : { text, paint };
}

export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + textWidth(text), 0);
}

/** The line as text, in at most `width` cells, without blanks at its end. */
export function paintLine(line: Line, width: number, style: Style): string {
  let rest = width;
  const parts: Segment[] = [];
  for (const part of line) {
    if (rest <= 0) break;
    const text = truncateText(part.text, rest);
    parts.push({ ...part, text });
    rest -= textWidth(text);
    if (text !== part.text) break;
  }
  for (let last = parts.length - 1; last >= 0; last--) {
    const part = parts[last];
    if (part === undefined) break;
    const text = part.text.trimEnd();
    parts[last] = { ...part, text };
    if (text !== '') break;
  }
  return parts.map(({ text, paint }) => (paint === undefined ? text : style[paint](text))).join('');
}
