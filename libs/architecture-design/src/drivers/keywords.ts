import type { Requirement } from '../model/facts.schema.js';

const MUST = /\b(?:must|shall|required to|(?:is|are|be) mandatory|REQUIRED|cannot|may not)\b/;
const MUST_ANY_CASE = /\b(?:must|shall)\b/i;
const SHOULD = /\b(?:should|recommended to|ought to)\b/i;
const MAY = /\b(?:MAY|OPTIONAL|RECOMMENDED)\b/;
const SOFT_MUST = /\b(?:needs? to|wants? to|ha(?:s|ve) to|(?:is|are) required|required to|will|can|cannot|may not|lets|allows|supports)\b/i;
const KEYWORD_NOTICE = /\bkey ?words?\b.{0,200}\b(?:interpreted|rfc ?2119|bcp ?14)\b/i;

/** Null where the sentence asks for nothing. `demanding` says that it stands where requirements are listed. */
export function strengthOf(sentence: string, demanding: boolean): Requirement['strength'] | null {
  if (MUST_ANY_CASE.test(sentence)) return 'must';
  if (MUST.test(sentence) && /\b(?:REQUIRED|(?:is|are|be) mandatory)\b/.test(sentence)) return 'must';
  if (SHOULD.test(sentence)) return 'should';
  if (MAY.test(sentence)) return 'may';
  if (isStory(sentence)) return 'statement';
  if (demanding && SOFT_MUST.test(sentence)) return 'statement';
  return null;
}

export function isStory(sentence: string): boolean {
  return /^(?:[A-Z][\w -]{0,24}: ?)?As an? .{2,80}?,? I (?:want|need|can|would|wish|must|should)\b/i.test(sentence.slice(0, 240));
}

export function explainsKeywords(sentence: string): boolean {
  return KEYWORD_NOTICE.test(sentence.slice(0, 1200));
}
