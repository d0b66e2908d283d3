import type { Evidence, Span } from '../model/evidence.schema.js';
import type { Block } from './blocks.js';
import { readBlocks } from './blocks.js';
import { splitLines } from './lines.js';
import type { Sentence } from './sentences.js';
import { sentencesOf } from './sentences.js';

export interface SourceDocument {
  readonly lineCount: number;
  readonly blocks: readonly Block[];
  readonly sentences: readonly Sentence[];
}

export function readDocument(source: string): SourceDocument {
  const lines = splitLines(source);
  const blocks = readBlocks(lines);
  return { lineCount: lines.length, blocks, sentences: sentencesOf(blocks) };
}

export function evidenceOf(said: { readonly text: string } & Span): Evidence {
  return { text: said.text, from: said.from, to: said.to };
}

/** The same lines and words once, in the order of the document, at most `limit`. */
export function distinctEvidence(evidence: readonly Evidence[], limit = Number.POSITIVE_INFINITY): Evidence[] {
  const seen = new Set<string>();
  const kept: Evidence[] = [];
  for (const one of [...evidence].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const key = `${one.from} ${one.to} ${one.text}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (kept.length < limit) kept.push(one);
  }
  return kept;
}
