import { singular, termKey, tokensOf } from '../language/words.js';

/** A text prepared for asking whether it names something, whatever the number or case. */
export class MentionIndex {
  private readonly words = new Map<string, string>();

  public of(text: string): string {
    const known = this.words.get(text);
    if (known !== undefined) return known;
    const flat = ` ${tokensOf(text.slice(0, 2000))
      .flatMap((token) => token.lower.split(/[-/]/))
      .map(singular)
      .join(' ')} `;
    this.words.set(text, flat);
    return flat;
  }

  public mentions(text: string, name: string): boolean {
    const key = termKey(name.replace(/[^\p{L}\p{N}\s/_-]/gu, ' ').trim());
    return key !== '' && this.of(text).includes(` ${key} `);
  }
}

/** Content words of a name, singular: "Order management" gives order, management. */
export function keyWords(name: string): readonly string[] {
  return termKey(name)
    .split(' ')
    .filter((word) => word.length > 2 && !EMPTY_WORDS.has(word));
}

const EMPTY_WORDS = new Set([
  'and',
  'the',
  'for',
  'with',
  'management',
  'handling',
  'processing',
  'service',
  'module',
  'component',
  'system',
  'feature',
  'function',
  'of',
  'data',
  'user',
  'support',
  'general',
  'control',
]);
