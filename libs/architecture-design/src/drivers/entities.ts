import type { Actor, Entity, External, Requirement } from '../model/facts.schema.js';
import type { Evidence } from '../model/evidence.schema.js';
import { NOUN_LIKE_VERBS } from '../language/lexicon.js';
import { isSpecific, nounPhrases, verbBase } from '../language/noun-phrases.js';
import { lastWord, singular, termKey, tokensOf } from '../language/words.js';
import type { SourceDocument } from '../reading/source-document.js';
import { Collected } from './collected.js';
import { namesListedUnder } from './listed-names.js';
import { isPerson } from './people.js';
import { isPlainTechnology } from './technologies.js';

const MOST = 18;
/** With fewer stored things than this, things that are only shown or moved count too. */
const FEW = 3;
const KEEPS =
  /^(?:creat|add|edit|updat|delet|stor|sav|record|register|manag|list|import|export|track|upload|download|submit|approv|reject|cancel|assign|schedul|book|order|captur|receiv|generat|calculat|view|search|brows|read|publish|archiv|enter|maintain|log|keep|retain|pay|refund|transfer|issu|print|share|sync|persist|cach|draw|edit|renam|tag|filter|sort|collect|buffer|send|creat|compar|play|load|writ|pars|validat|review|link|place|open|close|reserv|renew|return|dispens|prescrib|administer|check|persist|merge|attach|sign|queue|raise|acknowledge|forward|convert)/i;
/** Heads that are seen or run, not stored. */
const NOT_DATA = new Set(
  `button dashboard page screen chart graph menu dialog keyboard theme mode browser api endpoint server database network ui interface website app application tool command flag shell terminal
  internet connection wifi cloud performance security login logout authentication authorization authorisation encryption access support feature module component service engine backend frontend
  language mobile desktop device button sensor gateway hardware camera light led speed time date second minute hour day week month year percent user load response way user-interface click key screen
  memory cpu disk storage space power battery error colour color font layout tab window view form widget map icon stdin stdout stderr output input folder path directory line exit code
  compliance law regulation standard protocol test tests training documentation manual build pipeline release deployment update failure loss outage downtime availability uptime backup
  analytics tracking telemetry javascript html css change delay latency precision accuracy correctness`.split(/\s+/),
);

/** "status: Enum (…)" describes a field of something, not a thing of its own. */
const FIELD_TYPE =
  /^[\s:–—(-]*(?:UUID|GUID|String|Enum|Int(?:eger)?|Decimal|Float|Double|Number|Bool(?:ean)?|Date(?:time)?|(?:ISO \d+ )?Timestamp|Text|Varchar|Array)\b/i;

/** Things the input says are created, stored, shown or exchanged, with the attributes it gives them. */
export function findEntities(
  document: SourceDocument,
  requirements: readonly Requirement[],
  actors: readonly Actor[],
  externals: readonly External[],
): readonly Entity[] {
  const found = new Collected();
  const attributes = new Map<string, string[]>();
  const outside = new Set([...externals.map((one) => termKey(one.name))]);
  const people = new Set(actors.map((one) => termKey(one.name)));
  const kept = new Set<string>();
  const add = (name: string, evidence: Evidence, weight: number): boolean => {
    const trimmed = name.replace(/^(?:own|new|current|past|their|all|full|complete|daily|weekly|monthly|real) /i, '');
    const head = singular(lastWord(trimmed));
    if (
      !isSpecific(trimmed) ||
      NOT_DATA.has(head) ||
      outside.has(termKey(trimmed)) ||
      isPlainTechnology(trimmed) ||
      trimmed.length > 40 ||
      /\d/.test(trimmed) ||
      isBareVerb(trimmed)
    )
      return false;
    if (weight < 3 && people.has(termKey(trimmed))) return false;
    found.add(trimmed, evidence, weight);
    if (weight >= 2) kept.add(termKey(trimmed));
    return true;
  };
  for (const listed of namesListedUnder(document.blocks, 'data')) {
    if (FIELD_TYPE.test(listed.rest)) continue;
    const name = nounPhrases(tokensOf(listed.name)).at(-1)?.text ?? listed.name;
    if (listed.name.split(/\s+/).length > 4 || !add(name, listed.evidence, 4)) continue;
    attributes.set(termKey(name), attributesOf(listed.rest));
  }
  for (const requirement of requirements) {
    if (requirement.kind === 'excluded' || requirement.kind === 'project' || requirement.kind === 'meta') continue;
    const evidence = { text: requirement.text, from: requirement.from, to: requirement.to };
    if (requirement.object !== null && requirement.verb !== null && KEEPS.test(requirement.verb) && requirement.kind === 'function')
      add(requirement.object, evidence, 2);
    else if (requirement.object !== null && requirement.kind === 'function' && !isPerson(requirement.object))
      add(requirement.object, evidence, 1);
  }
  for (const sentence of document.sentences) describeAttributes(sentence.text.slice(0, 800), attributes);
  for (const requirement of requirements) {
    for (const noun of requirement.nouns)
      if (found.has(noun)) found.add(noun, { text: requirement.text, from: requirement.from, to: requirement.to }, 1);
  }
  const all = found.list(MOST * 2, 2);
  const strict = all.filter((one) => kept.has(termKey(one.name)));
  return withoutParts(strict.length >= Math.max(FEW, requirements.length / 12) ? strict : all)
    .slice(0, MOST)
    .map(({ name, evidence }) => ({ name, evidence, attributes: attributes.get(termKey(name)) ?? [] }));
}

/** "photo" and "photo upload": when the longer only adds a word that names an act, the shorter is the entity. */
function withoutParts<T extends { readonly name: string }>(entities: readonly T[]): readonly T[] {
  const keys = new Set(entities.map((one) => termKey(one.name)));
  return entities.filter((one) => {
    const words = termKey(one.name).split(' ');
    if (words.length > 1 && words.some((_, at) => at > 0 && keys.has(words.slice(at).join(' ')))) return false;
    return !(
      words.length > 1 &&
      keys.has(words.slice(0, -1).join(' ')) &&
      /^(?:upload|download|creation|deletion|list|id|identifier|name|file|entry|management|update|history|detail|status)$/.test(
        words.at(-1) ?? '',
      )
    );
  });
}

/** "press", "shows": one word that is a verb and not also a common noun. */
function isBareVerb(name: string): boolean {
  const base = name.includes(' ') ? null : verbBase(name.toLowerCase());
  return base !== null && !NOUN_LIKE_VERBS.has(base);
}

const DESCRIBES =
  /\b([\p{L}-]{3,25}(?: [\p{L}-]{3,25})?) (?:has|have|consists? of|contains?|includes?|holds?|with|is described by|records?) (?:its |their |an? |the |at least )?((?:[\p{L}\p{N} /-]{2,40}, ){1,12}(?:and |or )?[\p{L}\p{N} /-]{2,40})/gu;

function describeAttributes(text: string, attributes: Map<string, string[]>): void {
  for (const match of text.matchAll(DESCRIBES)) {
    const phrase = match[1] ?? '';
    const list = attributesOf(match[2] ?? '');
    if (list.length < 2) continue;
    for (const key of [termKey(phrase), termKey(lastWord(phrase))]) if (!attributes.has(key)) attributes.set(key, list);
  }
}

/** The names in "id, name and date of birth"; an enumeration of sentences gives none. */
export function attributesOf(text: string): string[] {
  const list = text
    .replace(/^[\s:(–—-]+|[).;]+\s*$/g, '')
    .split(/,\s*(?:and |or )?|\s+and\s+|;\s*/)
    .map((part) =>
      part
        .trim()
        .replace(/^(?:an?|the|its|their)\s+/i, '')
        .replace(/[().:]+$/, ''),
    )
    .filter((part) => part !== '');
  if (list.some((part) => part.split(/\s+/).length > 5 || /\b(?:must|shall|should|will|can|is|are|when|if|which)\b/i.test(part))) return [];
  return list.length > 20 ? [] : list.filter((part) => /\p{L}/u.test(part));
}
