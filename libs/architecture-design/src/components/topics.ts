import type { Facts, Requirement } from '../model/facts.schema.js';
import { isSpecific } from '../language/noun-phrases.js';
import { GENERIC_NOUNS } from '../language/lexicon.js';
import { lastWord, singular, termKey } from '../language/words.js';

export interface Topic {
  readonly name: string;
  readonly word: string;
  readonly requirements: readonly Requirement[];
}

const MOST_TOPICS = 9;

/**
 * Groups statements by what they are about: again and again the noun that most of the remaining ones share, objects
 * counting more than other nouns. A group needs two statements; what is left comes back as `rest`.
 */
export function groupByTopic(
  requirements: readonly Requirement[],
  facts: Facts,
): { readonly topics: readonly Topic[]; readonly rest: readonly Requirement[] } {
  const ignored = ignoredWords(facts);
  let open = requirements.map((requirement) => ({ requirement, phrases: phrasesOf(requirement, ignored) }));
  const topics: Topic[] = [];
  while (topics.length < MOST_TOPICS) {
    const scores = new Map<string, { score: number; count: number }>();
    for (const one of open) {
      for (const [word, weight] of weightsOf(one.phrases, ignored)) {
        const known = scores.get(word) ?? { score: 0, count: 0 };
        scores.set(word, { score: known.score + weight, count: known.count + 1 });
      }
    }
    const best = [...scores]
      .filter(([, value]) => value.count >= 2 && value.score >= 4)
      .sort((a, b) => b[1].score - a[1].score || a[0].localeCompare(b[0], 'en'))[0];
    if (best === undefined) break;
    const word = best[0];
    const members = open.filter((one) => (weightsOf(one.phrases, ignored).get(word) ?? 0) >= 1);
    topics.push({
      name: nameOf(
        word,
        members.flatMap((one) => one.phrases.map((phrase) => phrase.text)),
      ),
      word,
      requirements: members.map((one) => one.requirement),
    });
    open = open.filter((one) => !members.includes(one));
  }
  return { topics, rest: open.map((one) => one.requirement) };
}

/** The phrase that names one statement alone, null where nothing in it is particular. */
export function topicOfOne(requirement: Requirement, facts: Facts): string | null {
  const ignored = ignoredWords(facts);
  return phrasesOf(requirement, ignored).at(0)?.text ?? null;
}

interface Phrase {
  readonly text: string;
  readonly weight: number;
}

function phrasesOf(requirement: Requirement, ignored: ReadonlySet<string>): readonly Phrase[] {
  const phrases: Phrase[] = [];
  const add = (text: string | null, weight: number): void => {
    if (text === null || !isSpecific(text) || ignored.has(termKey(text)) || !/^\p{L}/u.test(text)) return;
    phrases.push({ text, weight });
  };
  add(requirement.object, 4);
  for (const noun of requirement.nouns) if (noun !== requirement.object) add(noun, 1);
  return phrases;
}

function weightsOf(phrases: readonly Phrase[], ignored: ReadonlySet<string>): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const phrase of phrases) {
    const words = termKey(phrase.text).split(' ');
    for (const [index, word] of words.entries()) {
      if (word.length < 3 || ignored.has(word) || GENERIC_NOUNS.has(word) || GENERIC_NOUNS.has(`${word}s`) || /^\d/.test(word)) continue;
      const weight = index === words.length - 1 ? phrase.weight : phrase.weight * 0.6;
      weights.set(word, Math.max(weights.get(word) ?? 0, weight));
    }
  }
  return weights;
}

/** The longer phrase where most members use it, else the word as the input spells it. */
function nameOf(word: string, phrases: readonly string[]): string {
  const holding = phrases.filter((phrase) => termKey(phrase).split(' ').includes(word));
  const spelled = new Map<string, { text: string; count: number }>();
  for (const phrase of holding) {
    const key = termKey(phrase);
    const known = spelled.get(key) ?? { text: phrase, count: 0 };
    spelled.set(key, { text: known.text, count: known.count + 1 });
  }
  const best = [...spelled.values()].sort((a, b) => b.count - a.count || a.text.length - b.text.length)[0];
  if (best !== undefined && (best.count * 2 > holding.length || best.text.split(' ').length === 1)) return best.text;
  const headed = holding.find((phrase) => singular(lastWord(phrase)) === word);
  const source = headed ?? holding[0] ?? word;
  return source.split(' ').find((part) => singular(part) === word || termKey(part).includes(word)) ?? word;
}

function ignoredWords(facts: Facts): ReadonlySet<string> {
  const ignored = new Set<string>();
  for (const actor of facts.actors) ignored.add(termKey(actor.name)).add(singular(lastWord(actor.name)));
  for (const word of termKey(facts.title).split(' ')) if (!facts.title.includes(' ')) ignored.add(word);
  for (const technology of facts.technologies) ignored.add(termKey(technology.name));
  for (const word of [
    'ability',
    'way',
    'button',
    'screen',
    'percent',
    'keyboard',
    'second',
    'minute',
    'hour',
    'line',
    'language',
    'end',
    'default',
    'place',
    'person',
    'world',
    'step',
  ])
    ignored.add(word);
  return ignored;
}
