import { AUXILIARIES, MODALS, STOP_WORDS } from './lexicon.js';
import { nounPhrases, isVerbAt, verbBase } from './noun-phrases.js';
import type { Token } from './words.js';
import { tokensOf } from './words.js';

/** Who does what to what, as far as the words say so. Every part is a run of the input's own words. */
export interface Statement {
  readonly subject: string | null;
  readonly verb: string | null;
  readonly object: string | null;
  readonly nouns: readonly string[];
  readonly negated: boolean;
}

const OPENERS = new Set([
  'when',
  'while',
  'where',
  'if',
  'whenever',
  'once',
  'after',
  'before',
  'upon',
  'given',
  'during',
  'for',
  'in',
  'on',
  'as',
  'at',
  'with',
]);

export function parseStatement(text: string): Statement {
  const tokens = tokensOf(text.replace(/^(?:user )?story: ?/i, ''));
  const nouns = nounPhrases(tokens).map((phrase) => phrase.text);
  const story = storyAt(tokens);
  if (story !== null) return { ...story, nouns, negated: false };
  const modal = tokens.findIndex(
    (token, index) => index > 0 && MODALS.has(token.lower) && token.word !== 'May' && !insideOpening(tokens, index),
  );
  if (modal < 0) return withoutModal(tokens, nouns);
  const subject = nounPhrases(tokens, clauseStart(tokens, modal), modal).at(0)?.text ?? null;
  let at = modal + 1;
  const negated = tokens[modal]?.lower === 'cannot' || tokens[at]?.lower === 'not' || tokens[at]?.lower === 'never';
  // "must let users upload photos", "must be able to export", "shall provide the ability to print"
  for (let hops = 0; hops < 3; hops += 1) {
    const lower = tokens[at]?.lower ?? '';
    if (/^(?:let|lets|allow|enable|permit|help|ask|prompt)$/.test(lower)) {
      const to = indexOfVerb(tokens, at + 1);
      if (to < 0) break;
      at = to;
    } else if (lower === 'be' && tokens[at + 1]?.lower === 'able') at += 3;
    else if (
      /^(?:provide|offer|support|include)$/.test(lower) &&
      /^(?:ability|way|means|option|possibility|facility)$/.test(tokens[at + 2]?.lower ?? '')
    ) {
      const to = tokens.findIndex((token, index) => index > at && token.lower === 'to');
      if (to < 0) break;
      at = to + 1;
    } else if (STOP_WORDS.has(lower) && !AUXILIARIES.has(lower) && !/^(?:support|provide|ensure|include|use|contain|need)$/.test(lower))
      at += 1;
    else break;
  }
  const verbToken = tokens[at];
  if (verbToken === undefined) return { subject, verb: null, object: null, nouns, negated };
  if (verbToken.lower === 'be' || verbToken.lower === 'have') {
    const passive = tokens[at + 1]?.lower ?? null;
    const determined = /^(?:a|an|the)$/.test(passive ?? '');
    const rest = verbToken.lower === 'have' || determined ? objectAfter(tokens, at + 1) : null;
    return verbToken.lower === 'be' && passive !== null && /(?:ed|en|t|wn|ne|id|ld|ade|un)$/.test(passive)
      ? { subject, verb: passive, object: subject, nouns, negated }
      : { subject, verb: verbToken.lower, object: rest, nouns, negated };
  }
  return { subject, verb: verbToken.lower, object: objectAfter(tokens, at + 1), nouns, negated };
}

const NO_OBJECT = /^(?:as|in|within|at|by|with|via|using|before|after|without|under|over|during|into|onto|when|if|while|until|to)$/;
const ADJECTIVE = /(?:ary|ic|al|ive|ous|able|ible|ful|less|ent)$/;

/** The thing acted on: the first phrase before a preposition; in "complementary and triadic palettes" the last. */
function objectAfter(tokens: readonly Token[], from: number, to = tokens.length): string | null {
  const phrases = nounPhrases(tokens, from, to);
  const first = phrases[0];
  if (first === undefined || tokens.slice(from, first.start).some((token) => NO_OBJECT.test(token.lower))) return null;
  const second = phrases[1];
  const joined = second !== undefined && second.start === first.end + 1 && /^(?:and|or)$/.test(tokens[first.end]?.lower ?? '');
  return joined && !first.text.includes(' ') && ADJECTIVE.test(first.text) ? second.text : first.text;
}

/** "As a nurse, I want to record a dose" */
function storyAt(tokens: readonly Token[]): Pick<Statement, 'subject' | 'verb' | 'object'> | null {
  if (tokens[0]?.lower !== 'as') return null;
  const want = tokens.findIndex(
    (token, index) => index > 1 && index < 20 && /^(?:want|need|can|would|wish|must|should)$/.test(token.lower),
  );
  if (want < 0) return null;
  const subject = nounPhrases(tokens, 1, want).at(0)?.text ?? null;
  const verb = indexOfVerb(tokens, want + 1);
  const stop = tokens.findIndex((token, index) => index > want && token.lower === 'so' && tokens[index + 1]?.lower === 'that');
  const end = stop < 0 ? tokens.length : stop;
  const from = verb < 0 || verb >= end ? want + 1 : verb + 1;
  return { subject, verb: verb < 0 || verb >= end ? null : (tokens[verb]?.lower ?? null), object: objectAfter(tokens, from, end) };
}

function withoutModal(tokens: readonly Token[], nouns: readonly string[]): Statement {
  const first = tokens[0];
  // "Submits reports": the subject is the role or part under which the line stands.
  const second = tokens[1];
  if (first !== undefined && second !== undefined && isThirdPerson(first, second)) {
    return { subject: null, verb: verbBase(first.lower), object: objectAfter(tokens, 1), nouns, negated: false };
  }
  const imperative =
    first !== undefined && (isVerbAt(tokens, 0) || verbBase(first.lower) === first.lower) && tokens.length > 1 && !tokens[1]?.breakBefore;
  if (imperative && first !== undefined) {
    return { subject: null, verb: first.lower, object: objectAfter(tokens, afterJoinedVerb(tokens)), nouns, negated: false };
  }
  const at = tokens.findIndex((_, index) => index > 0 && isVerbAt(tokens, index));
  const subject = at > 0 ? (nounPhrases(tokens, 0, at).at(0)?.text ?? null) : null;
  if (at < 0) return { subject: null, verb: null, object: nouns[0] ?? null, nouns, negated: false };
  return { subject, verb: tokens[at]?.lower ?? null, object: objectAfter(tokens, at + 1) ?? nouns[0] ?? null, nouns, negated: false };
}

function isThirdPerson(first: Token, second: Token): boolean {
  const base = verbBase(first.lower);
  if (base === null || base === first.lower || !/^\p{Lu}\p{Ll}+s$/u.test(first.word)) return false;
  const nounFirst = AUXILIARIES.has(second.lower) || MODALS.has(second.lower) || second.lower === 'of';
  return !nounFirst;
}

/** In "Approve or decline the order" both verbs act on the order. */
function afterJoinedVerb(tokens: readonly Token[]): number {
  const second = tokens[2]?.lower ?? '';
  return /^(?:or|and)$/.test(tokens[1]?.lower ?? '') && verbBase(second) === second ? 3 : 1;
}

function indexOfVerb(tokens: readonly Token[], from: number): number {
  for (let index = from; index < Math.min(tokens.length, from + 10); index += 1) {
    const lower = tokens[index]?.lower ?? '';
    if (lower === 'to') return index + 1 < tokens.length ? index + 1 : -1;
    if (verbBase(lower) === lower && isVerbAt(tokens, index)) return index;
    if (verbBase(lower) === lower && index > from) return index;
  }
  return -1;
}

/** In "when the tank is full, the pump must stop" a modal before the comma belongs to the condition. */
function insideOpening(tokens: readonly Token[], modal: number): boolean {
  if (!OPENERS.has(tokens[0]?.lower ?? '')) return false;
  const later = tokens.findIndex((token, index) => index > modal && MODALS.has(token.lower));
  const comma = tokens.findIndex((token, index) => index > 0 && token.gap.includes(','));
  return later >= 0 && comma > modal;
}

function clauseStart(tokens: readonly Token[], modal: number): number {
  let start = 0;
  for (let index = modal; index > 0; index -= 1) {
    if (tokens[index]?.breakBefore === true && /[,;:—–()]/.test(tokens[index]?.gap ?? '')) {
      start = index;
      break;
    }
  }
  // "When a dose is missed the pump must stop": without a comma the last determiner before the modal starts the clause.
  if (start === 0 && OPENERS.has(tokens[0]?.lower ?? '')) {
    for (let index = modal - 1; index > 0; index -= 1) {
      if (/^(?:the|a|an|each|every|all)$/.test(tokens[index]?.lower ?? '')) return index;
    }
  }
  return start;
}
