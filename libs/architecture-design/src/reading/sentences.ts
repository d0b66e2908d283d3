import type { Block } from './blocks.js';
import type { Span } from '../model/evidence.schema.js';

export interface Sentence extends Span {
  readonly text: string;
  readonly block: Block;
  /** Place in the document's list of sentences. */
  readonly index: number;
}

/** Longer runs of words are cut at a space, so that one endless line costs no more than its length. */
const LONGEST = 1200;
const ABBREVIATION =
  /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|no|nr|fig|sec|dr|mr|mrs|ms|st|inc|ltd|max|min|incl|resp|[A-Za-z]|\d{1,3})\.$/i;

export function sentencesOf(blocks: readonly Block[]): readonly Sentence[] {
  const sentences: Sentence[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') continue;
    for (const part of splitBlock(block)) sentences.push({ ...part, block, index: sentences.length });
  }
  return sentences;
}

function splitBlock(block: Block): readonly { readonly text: string; readonly from: number; readonly to: number }[] {
  if (block.kind === 'row') return [{ text: block.text, from: block.span.from, to: block.span.to }];
  const parts: { text: string; from: number; to: number }[] = [];
  let text = '';
  let from = block.span.from;
  let to = from;
  const push = (): void => {
    const said = text.trim();
    if (said !== '') parts.push({ text: said, from, to });
    text = '';
  };
  for (const line of block.lines) {
    if (/^[A-Z][A-Za-z]{1,14}:\s/.test(line.text) && text !== '') push();
    for (const piece of piecesOf(line.text)) {
      if (text === '') from = line.line;
      to = line.line;
      text = text === '' ? piece.text : `${text} ${piece.text}`;
      if (piece.ends) push();
    }
  }
  push();
  return parts;
}

function piecesOf(line: string): readonly { readonly text: string; readonly ends: boolean }[] {
  const pieces: { text: string; ends: boolean }[] = [];
  let start = 0;
  const cut = (end: number, ends: boolean): void => {
    const text = line.slice(start, end).trim();
    if (text !== '') pieces.push({ text, ends });
    start = end;
  };
  for (let index = 0; index < line.length; index += 1) {
    const char = line[index] ?? '';
    if (index - start >= LONGEST && char === ' ') cut(index, true);
    if (char !== '.' && char !== '!' && char !== '?' && char !== '。') continue;
    let end = index + 1;
    while (/["'”’)\]]/.test(line[end] ?? '')) end += 1;
    const next = line[end];
    const last = end >= line.length;
    if (!last && next !== ' ' && char !== '。') continue;
    if (char === '.' && ABBREVIATION.test(line.slice(Math.max(start, index - 12), index + 1)) && !(last && index - start > 14)) continue;
    const following = line.slice(end, end + 3).trim();
    if (!last && following !== '' && !/^["'“‘([]?[\p{Lu}\p{N}\p{Lo}]/u.test(following)) continue;
    cut(end, true);
    index = end - 1;
  }
  cut(line.length, false);
  return pieces;
}
