import type { Actor } from '../model/facts.schema.js';
import { nounPhrases } from '../language/noun-phrases.js';
import { lastWord, termKey, tokensOf } from '../language/words.js';
import type { SourceDocument } from '../reading/source-document.js';
import { evidenceOf } from '../reading/source-document.js';
import { Collected } from './collected.js';
import { namesListedUnder } from './listed-names.js';
import { isPerson, mayBePerson, soundsLikePerson } from './people.js';
import { isUnder } from './section-kinds.js';

const MOST = 12;
const GENERIC_PEOPLE = /^(?:(?:end |all )?users?|people|persons?|team|staff|public|stakeholders?|support|clients?)$/i;
/** People who build or own it, and programs, are no users unless the input lists them as such. */
const NOT_USERS =
  /\b(?:developers?|teams?|persons?|people|vendors?|suppliers?|contractors?|authors?|owners?|(?:api|http|web|rest|mqtt|graphical|desktop|thin|thick|native|game|chat|mail|e-mail) clients?|hosts?)$/i;
const STORY = /\bAs an? ([^,;:.]{2,60}?),?\s+I\s/i;
/** "As Tomasz, I want": a persona by name. */
const PERSONA_STORY = /\bAs (\p{Lu}[\p{L} ]{1,30}), I\s/u;
/** "the player hunting with others": what follows the role only says when. */
const AFTER_ROLE = /\s(?:\p{L}+ing|who|that|which|in|on|at|with|of|from)\s.*$/u;

/** People and roles that the input says use the system. A bare "user" counts only when nobody else is named. */
export function findActors(document: SourceDocument): readonly Actor[] {
  const found = new Collected();
  const listedNames = namesListedUnder(document.blocks, 'actors');
  // A list of which most entries are people is a list of people; then its other entries count too.
  const mostlyPeople = listedNames.filter((listed) => mayBePerson(listed.name)).length * 2 >= listedNames.length;
  for (const listed of listedNames) {
    const head = nounPhrases(tokensOf(listed.name)).at(-1)?.text ?? listed.name;
    if (mayBePerson(head) || mayBePerson(listed.name) || (mostlyPeople && listed.name.split(/\s+/).length <= 3))
      found.add(listed.name, listed.evidence, 3);
  }
  for (const sentence of document.sentences) {
    if (isUnder(sentence.block.section, 'excluded')) continue;
    const text = sentence.text.slice(0, 1200);
    const story = STORY.exec(text.slice(0, 200)) ?? PERSONA_STORY.exec(text.slice(0, 200));
    if (story?.[1] !== undefined && /\bI\b/.test(text.slice(0, 240))) {
      const short = story[1].replace(AFTER_ROLE, '');
      const role = nounPhrases(tokensOf(story[1])).map((phrase) => phrase.text);
      const name = short !== story[1] && isPerson(short) ? short : (role.find(isPerson) ?? role.at(-1) ?? story[1]);
      found.add(name.replace(/^(?:new|returning|existing) /i, ''), evidenceOf(sentence), 3);
      continue;
    }
    const tokens = tokensOf(text);
    for (const phrase of nounPhrases(tokens)) {
      const next = tokens[phrase.end]?.lower ?? '';
      const previous = tokens[phrase.start - 1]?.lower ?? '';
      const before = tokens[phrase.start - 2]?.lower ?? '';
      const does =
        /^(?:can|may|must|shall|should|will|want|wants|need|needs)$/.test(next) ||
        (/^ha(?:s|ve)$/.test(next) && tokens[phrase.end + 1]?.lower === 'to');
      const wishes = /^(?:wants?|ha(?:s|ve)|needs?)$/.test(next) && tokens[phrase.end + 1]?.lower === 'to';
      const allowed =
        /^(?:let|lets|allow|allows|enable|enables|permit|permits)$/.test(previous) ||
        (/^(?:a|an|the|any|each|every|only)$/.test(previous) && /^(?:let|lets|allow|allows|enable|enables|permit|permits)$/.test(before));
      const by =
        /^(?:by|for|to|notify|alert|inform)$/.test(previous) ||
        (/^(?:a|an|the|any|each)$/.test(previous) && /^(?:by|for|to|notify|alert|inform)$/.test(before));
      const words = phrase.text.split(' ').slice(-3).join(' ');
      if (/\d/.test(words) || NOT_USERS.test(words)) continue;
      if (((does || allowed) && mayBePerson(words)) || (wishes && soundsLikePerson(words))) found.add(words, evidenceOf(sentence), 2);
      else if (by && isPerson(words)) found.add(words, evidenceOf(sentence), 1);
    }
  }
  const actors = withoutDoubles(found.list(MOST));
  const named = actors.filter((actor) => !GENERIC_PEOPLE.test(actor.name));
  return (named.length > 0 ? named : actors).map(({ name, evidence }) => ({ name, evidence }));
}

/** "Merchant" and "online merchants" are one: the name with more behind it stays. */
function withoutDoubles<T extends { readonly name: string; readonly weight: number }>(actors: readonly T[]): readonly T[] {
  return actors.filter(
    (actor) =>
      !actors.some(
        (other) =>
          other !== actor &&
          !GENERIC_PEOPLE.test(other.name) &&
          lastWord(termKey(other.name)) === lastWord(termKey(actor.name)) &&
          (termKey(other.name).endsWith(` ${termKey(actor.name)}`) || termKey(actor.name).endsWith(` ${termKey(other.name)}`)) &&
          (other.weight > actor.weight || (other.weight === actor.weight && other.name.length < actor.name.length)),
      ),
  );
}
