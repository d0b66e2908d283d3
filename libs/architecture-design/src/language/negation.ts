const NEGATORS =
  /^(?:no|not|without|never|none|neither|nor|cannot|excluding|exclude|excludes|avoid|avoids|avoiding|non|don't|doesn't|isn't|aren't|won't|can't|mustn't|shouldn't|shan't|prohibit|prohibits|forbid|forbids|zero|nothing|rather|instead|replace|replaces|replacing)$/;
/** A clause ends here: "must not lose data when the cloud is away" says nothing against the cloud. */
const CLAUSE_WORDS =
  /^(?:when|if|while|because|that|which|unless|until|after|before|but|however|although|though|whenever|where|so|once|whose|who|except)$/;
const AFTER =
  /^[^.;!?]{0,40}?\b(?:(?:is|are|be|was|were) (?:not|never|forbidden|prohibited|excluded|unnecessary|out of scope|off limits|banned|ruled out|disallowed)|(?:not|never) (?:be )?(?:required|needed|allowed|permitted|wanted|used|supported|acceptable|an option)|out of scope|(?:must|shall|may|should|can|will) not (?:be )?(?:used|needed|required|allowed|introduced|exist|leave)|isn't|aren't)\b/i;
const WINDOW = 7;

/**
 * Whether the words at [start, end) of a sentence are ruled out there: "no cloud", "must not depend on a server",
 * "a login is not required". Two negators cancel ("must not work without a database").
 */
export function isNegated(sentence: string, start: number, end: number): boolean {
  const before = sentence.slice(Math.max(0, start - 120), start);
  const clause = before.split(/[.;:!?()—]| - /).at(-1) ?? '';
  const words = clause
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  let negators = 0;
  for (let index = words.length - 1, seen = 0; index >= 0 && seen < WINDOW; index -= 1, seen += 1) {
    const word = words[index] ?? '';
    if (CLAUSE_WORDS.test(word)) break;
    if (word === 'not' && words[index + 1] === 'only') continue;
    if (/^(?:no|not)$/.test(word) && /^(?:budget|more|later|longer|less|fewer|sooner|doubt|matter|earlier)$/.test(words[index + 1] ?? ''))
      continue;
    if ((word === 'rather' || word === 'instead') && !/^(?:than|of)$/.test(words[index + 1] ?? '')) continue;
    if (NEGATORS.test(word) || word.startsWith('non-')) negators += 1;
  }
  if (sentence.slice(Math.max(0, start - 4), start).toLowerCase() === 'non-') negators += words.at(-1) === 'non-' ? 0 : 1;
  const after = sentence.slice(end, end + 120);
  if (/^-(?:free|less)\b/i.test(after)) negators += 1;
  else if (AFTER.test(after.split(/[,;.]/)[0] ?? '')) negators += 1;
  return negators % 2 === 1;
}
