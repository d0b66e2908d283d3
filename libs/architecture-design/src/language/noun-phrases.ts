import { AUXILIARIES, GENERIC_NOUNS, MODALS, NOUN_LIKE_VERBS, STOP_WORDS, VERBS } from './lexicon.js';
import type { Token } from './words.js';
import { termKey } from './words.js';

export interface NounPhrase {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const LONGEST_PHRASE = 4;
const ADVERB = /ly$/;
const NOT_ADVERBS = new Set([
  'supply',
  'assembly',
  'family',
  'reply',
  'anomaly',
  'monthly',
  'weekly',
  'daily',
  'hourly',
  'yearly',
  'early',
]);

/** Runs of words that can name a thing: no stop words, no verbs in verb position, at most four words (the last four). */
export function nounPhrases(tokens: readonly Token[], from = 0, to = tokens.length): readonly NounPhrase[] {
  const phrases: NounPhrase[] = [];
  let start = -1;
  const close = (end: number): void => {
    if (start < 0) return;
    const first = Math.max(start, end - LONGEST_PHRASE);
    const text = tokens
      .slice(first, end)
      .map((token) => token.word)
      .join(' ');
    if (/\p{L}{2}/u.test(text) && text.length <= 60) phrases.push({ text, start: first, end });
    start = -1;
  };
  for (let index = from; index < to; index += 1) {
    const token = tokens[index] as Token;
    if (token.breakBefore && token.gap.trim() !== '') close(index);
    if (canName(tokens, index)) {
      if (start < 0) start = index;
    } else {
      close(index);
    }
  }
  close(to);
  return phrases;
}

function canName(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index] as Token;
  if (STOP_WORDS.has(token.lower) || !/\p{L}/u.test(token.word)) return false;
  if (ADVERB.test(token.lower) && !NOT_ADVERBS.has(token.lower)) return false;
  if (isVerbAt(tokens, index)) return false;
  // "stored", "encrypted": a participle names nothing unless a noun follows ("signed contract").
  if (/(?:ed|ing)$/.test(token.lower) && !isParticipleNoun(tokens, index)) return false;
  return true;
}

function isParticipleNoun(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index] as Token;
  const next = tokens[index + 1];
  const previous = tokens[index - 1];
  const nounAfter =
    next !== undefined && !next.breakBefore && !STOP_WORDS.has(next.lower) && !VERBS.has(next.lower) && !/(?:ed|ly)$/.test(next.lower);
  if (token.lower.endsWith('ed')) {
    if (/(?:feed|speed|need|seed|bed|breed|embed)$/.test(token.lower)) return true;
    return nounAfter && previous !== undefined && !AUXILIARIES.has(previous.lower) && !isNounish(previous);
  }
  const stem = token.lower.slice(0, -3);
  const verbal = VERBS.has(stem) || VERBS.has(`${stem}e`) || (stem.at(-1) === stem.at(-2) && VERBS.has(stem.slice(0, -1)));
  return !verbal || nounAfter || (previous !== undefined && (isNounish(previous) || /^(?:the|a|an|its|our|their)$/.test(previous.lower)));
}

function isNounish(token: Token): boolean {
  return !STOP_WORDS.has(token.lower) && !AUXILIARIES.has(token.lower) && !VERBS.has(token.lower);
}

const DETERMINERS = new Set([
  'a',
  'an',
  'the',
  'this',
  'that',
  'these',
  'those',
  'each',
  'every',
  'any',
  'all',
  'its',
  'their',
  'his',
  'her',
  'our',
  'my',
  'your',
  'no',
  'of',
  'some',
]);

/** True where the word stands as a verb: after "to", a modal or another verb, or at the start, and not after a determiner. */
export function isVerbAt(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index] as Token;
  const base = verbBase(token.lower);
  if (base === null) return false;
  const previous = tokens[index - 1];
  const next = tokens[index + 1];
  if (previous === undefined)
    return token.lower === base && (!NOUN_LIKE_VERBS.has(base) || (next !== undefined && DETERMINERS.has(next.lower)));
  if (DETERMINERS.has(previous.lower)) return false;
  if (previous.lower === 'to' || MODALS.has(previous.lower) || previous.lower === 'not') return true;
  if (token.lower !== base)
    return (
      next !== undefined &&
      next.lower !== 'of' &&
      !next.breakBefore &&
      (DETERMINERS.has(next.lower) || (!NOUN_LIKE_VERBS.has(base) && isNounish(next))) &&
      (isNounish(previous) || previous.lower === 'and' || previous.lower === 'or')
    );
  const before = tokens[index - 2];
  const listed = previous.lower === 'and' || previous.lower === 'or' || token.gap.includes(',');
  if (listed) {
    const follows = previous.lower === 'and' || previous.lower === 'or' ? before : previous;
    const afterVerb = follows !== undefined && verbBase(follows.lower) !== null;
    const object = next !== undefined && (DETERMINERS.has(next.lower) || isNounish(next)) && !next.breakBefore;
    return afterVerb ? !NOUN_LIKE_VERBS.has(base) || object : object && DETERMINERS.has(next.lower);
  }
  return !NOUN_LIKE_VERBS.has(base) && !token.breakBefore;
}

/** The base form of a verb or of its third person, null for anything else. */
export function verbBase(lower: string): string | null {
  if (VERBS.has(lower)) return lower;
  if (lower.endsWith('ies') && VERBS.has(`${lower.slice(0, -3)}y`)) return `${lower.slice(0, -3)}y`;
  if (lower.endsWith('es') && VERBS.has(lower.slice(0, -2))) return lower.slice(0, -2);
  if (lower.endsWith('s') && VERBS.has(lower.slice(0, -1))) return lower.slice(0, -1);
  return null;
}

/** A phrase that names something particular: its head is not a word like "system", "data" or "feature" alone. */
export function isSpecific(phrase: string): boolean {
  const words = termKey(phrase).split(' ');
  const head = words.at(-1) ?? '';
  if (head.length < 3 && !/^[A-Z]{2}/.test(phrase)) return false;
  if (words.every((word) => GENERIC_NOUNS.has(word) || GENERIC_NOUNS.has(`${word}s`))) return false;
  return !GENERIC_NOUNS.has(head) || words.length > 1;
}
