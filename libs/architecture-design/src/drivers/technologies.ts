import type { Technology } from '../model/facts.schema.js';
import type { Evidence } from '../model/evidence.schema.js';
import { isNegated } from '../language/negation.js';
import { termKey } from '../language/words.js';
import type { Sentence } from '../reading/sentences.js';
import { evidenceOf } from '../reading/source-document.js';
import { isUnder } from './section-kinds.js';
import { KNOWN_TECHNOLOGIES } from './technology-names.js';

const MOST = 40;
const USED =
  /\b(?:written|implemented|built|coded|developed|programmed|based) (?:only )?(?:in|with|on|using|upon) (?:the )?(\p{Lu}[\p{L}\p{N}.+#-]*(?: \p{Lu}[\p{L}\p{N}.+#-]*)?)/gu;

/** Products, protocols, languages and formats named in the input; `rejected` where every mention rules it out. */
export function findTechnologies(sentences: readonly Sentence[]): readonly Technology[] {
  const found = new Map<string, { name: string; category: string; positive: Evidence[]; negative: Evidence[] }>();
  for (const sentence of sentences) {
    const text = sentence.text.slice(0, 1300);
    const excluded = isUnder(sentence.block.section, 'excluded');
    const note = (name: string, category: string, at: number): void => {
      const key = termKey(name);
      const known = found.get(key) ?? { name, category, positive: [], negative: [] };
      const side = excluded || isNegated(text, at, at + name.length) ? known.negative : known.positive;
      if (side.length < 5) side.push(evidenceOf(sentence));
      found.set(key, known);
    };
    for (const known of KNOWN_TECHNOLOGIES) for (const match of text.matchAll(known.names)) note(match[0], known.category, match.index);
    for (const match of text.matchAll(USED)) {
      const name = match[1] ?? '';
      if (name !== '' && !isPlainTechnology(name) && !found.has(termKey(name)))
        note(name, 'named technology', match.index + match[0].length - name.length);
    }
  }
  return [...found.values()]
    .map((one) => ({
      name: one.name,
      category: one.category,
      rejected: one.positive.length === 0,
      evidence: one.positive.length > 0 ? one.positive : one.negative,
    }))
    .sort((a, b) => (a.evidence[0]?.from ?? 0) - (b.evidence[0]?.from ?? 0) || a.name.localeCompare(b.name, 'en'))
    .slice(0, MOST);
}

/** True where the whole name is a known technology: then it is no external system by itself. */
export function isPlainTechnology(name: string): boolean {
  return KNOWN_TECHNOLOGIES.some((known) => {
    if (known.category === 'identity provider') return false;
    const match = name.match(known.names);
    return match !== null && match[0].length >= name.length - 6 && !/\b(?:system|server|gateway|api|service|broker)$/i.test(name);
  });
}
