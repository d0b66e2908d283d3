import type { Signal } from '../model/facts.schema.js';
import { isNegated } from '../language/negation.js';
import type { Sentence } from '../reading/sentences.js';
import { distinctEvidence, evidenceOf } from '../reading/source-document.js';
import { isUnder, kindOfSection, opensExclusion } from './section-kinds.js';
import { PROTECTION_SIGNALS } from './protection-signals.js';
import { SHAPE_SIGNALS } from './signal-table.js';

const MOST_EVIDENCE = 8;

/** What the text says for and against each signal. Sections that put things out of scope speak against them. */
export function findSignals(sentences: readonly Sentence[]): readonly Signal[] {
  const spoken = sentences.filter((sentence) => kindOfSection(sentence.block.section) !== 'glossary');
  const excluded = new Map(
    spoken.map((sentence) => [sentence, isUnder(sentence.block.section, 'excluded') || opensExclusion(sentence.block.text)]),
  );
  return [...SHAPE_SIGNALS, ...PROTECTION_SIGNALS].flatMap((rule) => {
    const positive: Sentence[] = [];
    const negative: Sentence[] = [];
    const words = new RegExp(rule.words.source, rule.words.flags.includes('g') ? rule.words.flags : `${rule.words.flags}g`);
    for (const sentence of spoken) {
      const text = sentence.text.slice(0, 1300);
      let side: 'for' | 'against' | null = null;
      for (const match of text.matchAll(words)) {
        const negated = rule.literal !== true && isNegated(text, match.index, match.index + match[0].length);
        if (!negated) {
          side = 'for';
          break;
        }
        side = 'against';
      }
      if (side === null) continue;
      const out = excluded.get(sentence) === true;
      if (side === 'for' && !out) positive.push(sentence);
      else if (side === 'against' || out) negative.push(sentence);
    }
    if (positive.length === 0 && negative.length === 0) return [];
    return [
      {
        id: rule.id,
        positive: distinctEvidence(positive.map(evidenceOf), MOST_EVIDENCE),
        negative: distinctEvidence(negative.map(evidenceOf), MOST_EVIDENCE),
      },
    ];
  });
}
