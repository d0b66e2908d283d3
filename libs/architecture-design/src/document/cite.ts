import type { Evidence, Span } from '../model/evidence.schema.js';

const LONGEST_QUOTE = 320;

/** "[L12]" or "[L12-L14]": 1-based lines of the input document. */
export function cite(span: Span): string {
  return span.from === span.to ? `[L${span.from}]` : `[L${span.from}-L${span.to}]`;
}

export function citeAll(spans: readonly Span[], limit = 6): string {
  const distinct = [...new Set([...spans].sort((a, b) => a.from - b.from || a.to - b.to).map(cite))];
  const more = distinct.length > limit ? ` and ${distinct.length - limit} more` : '';
  return `${distinct.slice(0, limit).join(' ')}${more}`;
}

/** The input's words in quotation marks and their lines. Long ones end in an ellipsis; nothing else is changed. */
export function quote(evidence: Evidence): string {
  return `“${shorten(escapeText(evidence.text))}” ${cite(evidence)}`;
}

export function quoteAll(evidence: readonly Evidence[], limit = 3): string {
  return evidence.slice(0, limit).map(quote).join('; ');
}

/** What the engine concludes itself, with the lines it concludes from. */
export function derived(spans: readonly Span[]): string {
  return spans.length === 0 ? '(assumption: no input)' : `(derived from ${citeAll(spans, 4)})`;
}

export const ASSUMPTION = '(assumption: no input)';

/** Makes words of the input harmless inside markdown text and table cells. */
export function escapeText(text: string): string {
  return (
    text
      .replace(/\s+/g, ' ')
      // Curly marks are kept for quotations of the input: the checker goes by them.
      .replace(/[“”„«»]/g, '"')
      .replaceAll('\\', '\\\\')
      .replace(/&(?=[a-zA-Z#][a-zA-Z0-9]{1,20};)/g, '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/[`*[\]|]|~(?=~)|_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_/gu, '\\$&')
      .trim()
  );
}

function shorten(text: string): string {
  if (text.length <= LONGEST_QUOTE) return text;
  const cut = text.lastIndexOf(' ', LONGEST_QUOTE);
  return `${text
    .slice(0, cut > 80 ? cut : LONGEST_QUOTE)
    .replace(/\\+$/, '')
    .replace(/&[a-z]{0,4}$/, '')} …`;
}
