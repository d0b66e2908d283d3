import type { Actor, External } from '../model/facts.schema.js';
import { nounPhrases } from '../language/noun-phrases.js';
import { isNegated } from '../language/negation.js';
import { lastWord, singular, termKey, tokensOf } from '../language/words.js';
import type { SourceDocument } from '../reading/source-document.js';
import { evidenceOf } from '../reading/source-document.js';
import { Collected } from './collected.js';
import { namesListedUnder } from './listed-names.js';
import { isPerson } from './people.js';
import { isUnder } from './section-kinds.js';
import { isPlainTechnology } from './technologies.js';

const MOST = 12;

const TRIGGERS: readonly { readonly direction: External['direction']; readonly words: RegExp }[] = [
  {
    direction: 'both',
    words:
      /\b(?:integrat(?:e|es|ed|ing|ion)s?|interfac(?:e|es|ing)|connect(?:s|ed|ing|ion)?|communicat(?:e|es|ing)|synchroni[sz](?:e|es|ed|ing)|sync(?:s|ed|ing)?|exchang(?:e|es|ing)|reconcil(?:e|es|ing)|talks?)\b[^.;:]{0,60}?\b(?:with|to|from|against)\s/gi,
  },
  { direction: 'both', words: /\b(?:sits?|stands?|service|layer|proxy|bridge|mediat\w+) between\s/gi },
  {
    direction: 'out',
    words: /\b(?:emit|send|publish|deliver)\w*\b[^.;:]{0,40}?\b(?:notifications?|webhooks?|events?|messages?) (?:for|to)\s/gi,
  },
  {
    direction: 'in',
    words:
      /\b(?:import(?:s|ed|ing)?|fetch(?:es|ed|ing)?|pull(?:s|ed|ing)?|receiv(?:e|es|ed|ing)|read(?:s|ing)?|retriev(?:e|es|ed|ing)|obtain(?:s|ed|ing)?|accept(?:s|ed|ing)?|load(?:s|ed|ing)?|come(?:s)?|download(?:s|ed|ing)?)\b[^.;:]{0,60}?\bfrom\s/gi,
  },
  {
    direction: 'out',
    words:
      /\b(?:send(?:s|ing)?|sent|export(?:s|ed|ing)?|push(?:es|ed|ing)?|publish(?:es|ed|ing)?|forward(?:s|ed|ing)?|deliver(?:s|ed|ing)?|post(?:s|ed|ing)?|submit(?:s|ted|ting)?|report(?:s|ed|ing)?|written|redirect(?:s|ed|ing)?|pass(?:es|ed|ing)?|transmit(?:s|ted|ting)?|hand(?:s|ed)? over|upload(?:s|ed)?)\b[^.;:]{0,60}?\bto\s/gi,
  },
  {
    direction: 'both',
    words:
      /\b(?:checks?|verif\w+|screening|screened|pay|pays|paid|payments?|purchases?|signs? in|signed in|log(?:s|ged)? in|authenticat\w+|settle[ds]?|settlements?|provided|processed|delivered|single sign-on|sso)\b[^.;:]{0,50}?\b(?:with|by|through|via|at|using|against)\s/gi,
  },
  {
    direction: 'both',
    words:
      /\b(?:via|through|using|over|by calling|from|against|provided by|processed by|handled by)\s(?=[^.;:]{0,50}\b(?:API|gateway|provider|service|directory|network|broker|system|register|registry|exchange)s?\b)/gi,
  },
];

const OWN_NETWORK = /\b(?!card|payment|settlement|partner|loyalty)\p{Ll}+ network$/u;

const SYSTEM_HEADS = new Set([
  'system',
  'api',
  'gateway',
  'provider',
  'platform',
  'broker',
  'network',
  'registry',
  'directory',
  'bank',
  'erp',
  'crm',
  'plc',
  'scada',
  'lis',
  'ehr',
  'emr',
  'bureau',
  'exchange',
  'processor',
  'acquirer',
  'carrier',
  'authority',
  'backend',
  'mainframe',
  'warehouse',
  'historian',
  'mes',
  'feed',
  'ldap',
  'partner',
  'marketplace',
  'idp',
  'service',
  'register',
  'server',
]);
const NOT_SYSTEMS =
  /^(?:the |this |our )?(?:system|service|application|platform|api|server|backend|network|internet|web|file|disk|screen|user|customer|client|browser|app|operating system|file system|filesystem|local network|cloud(?: service)?|background service|rest api|public internet|web server|stdout|stderr|standard (?:output|input|error)|terminal|clipboard|standard)s?$/i;

/** Systems outside the boundary that the input names with a flow to or from them. Ruled-out ones are left out. */
export function findExternals(document: SourceDocument, actors: readonly Actor[], systemName: string): readonly External[] {
  const found = new Collected();
  const directions = new Map<string, External['direction']>();
  const people = new Set(actors.map((actor) => termKey(actor.name)));
  const add = (name: string, direction: External['direction'], evidence: ReturnType<typeof evidenceOf>, weight: number): void => {
    const key = termKey(name);
    if (
      people.has(key) ||
      STANDARD.test(name) ||
      isPerson(name) ||
      NOT_SYSTEMS.test(name) ||
      OWN_NETWORK.test(name) ||
      isPlainTechnology(name) ||
      key === termKey(systemName)
    )
      return;
    found.add(name, evidence, weight);
    const known = directions.get(key);
    directions.set(key, known === undefined || known === direction ? direction : 'both');
  };
  for (const listed of namesListedUnder(document.blocks, 'externals')) {
    if (
      /^(?:no|none|not)\b/i.test(listed.name) ||
      (!listed.row && !isOuter(listed.name, true)) ||
      isNegated(listed.evidence.text, 0, listed.name.length)
    )
      continue;
    add(listed.name, directionOf(listed.rest), listed.evidence, 3);
  }
  for (const sentence of document.sentences) {
    if (isUnder(sentence.block.section, 'excluded')) continue;
    const text = sentence.text.slice(0, 1200);
    for (const trigger of TRIGGERS) {
      for (const match of text.matchAll(trigger.words)) {
        const end = match.index + match[0].length;
        if (isNegated(text, match.index, end)) continue;
        for (const name of targetsAt(text.slice(end, end + 160))) add(name, trigger.direction, evidenceOf(sentence), 2);
      }
    }
  }
  return found.list(MOST).map(({ name, evidence }) => ({ name, evidence, direction: directions.get(termKey(name)) ?? 'both' }));
}

/** The systems of "SAP, the payment gateway and the HR system" at the start of `text`. */
function targetsAt(text: string): readonly string[] {
  const clause =
    text.split(
      /[.;:()]|\b(?:when|if|so that|every|within|using|in order|after|before|which|that|for|as|to|at|during|without|over|via|by)\b/,
    )[0] ?? '';
  const tokens = tokensOf(clause);
  const names: string[] = [];
  let expected = 0;
  for (const phrase of nounPhrases(tokens)) {
    const between = tokens.slice(expected, phrase.start);
    if (
      between.some(
        (token) =>
          !/^(?:the|a|an|and|or|our|its|their|existing|external|third-party|central|national|company|as|well|both|one|two|three|each|any)$/.test(
            token.lower,
          ),
      )
    )
      break;
    if (isOuter(phrase.text, false)) names.push(phrase.text);
    else if (names.length === 0 && tokens[phrase.end]?.gap.startsWith("'") !== true) break;
    expected = phrase.end;
  }
  return names;
}

function isOuter(name: string, listed: boolean): boolean {
  const head = singular(lastWord(name));
  if (SYSTEM_HEADS.has(head)) return (name.includes(' ') && !VAGUE.test(name)) || /^[A-Z]{2}/.test(name) || head === 'bank';
  if (/\b(?:interfaces?|requirements?)$/i.test(name)) return false;
  const proper = /^\p{Lu}[\p{L}\p{N}.+-]*(?: \p{Lu}[\p{L}\p{N}.+-]*)*$/u.test(name) && !/^(?:The|A|An|I|If|When|No|All|Each)$/.test(name);
  return listed
    ? proper || /\b(?:system|service|api|gateway|provider|broker|server|database|device|scanner|reader)s?\b/i.test(name)
    : proper;
}

const STANDARD = /^(?:WCAG|GDPR|CCPA|HIPAA|PCI(?:[- ]DSS)?|PSD2|ISO|IEC|IEEE|RFC|SOX|FDA|NIST|OWASP|EN|DIN|COPPA|CSS|UTF|UTC|AA|AAA)\b/;
const VAGUE =
  /^(?:local|central|existing|external|other|remote|same|main|own|single|downstream|upstream|source|target|internal|backend|new|third-party|outside) \w+$/i;

function directionOf(text: string): External['direction'] {
  const inward = /(?:^|, )(?:in|inbound|incoming)\b|\b(?:from|import\w*|receiv\w*|reads?|feeds?|source|provides?|supplies)\b/i.test(text);
  const outward = /(?:^|, )(?:out|outbound|outgoing)\b|\b(?:to|export\w*|sends?|push\w*|publish\w*|deliver\w*)\b/i.test(text);
  return inward === outward ? 'both' : inward ? 'in' : 'out';
}
