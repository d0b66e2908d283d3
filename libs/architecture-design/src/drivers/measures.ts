import type { Measure } from '../model/facts.schema.js';
import type { Sentence } from '../reading/sentences.js';
import { evidenceOf } from '../reading/source-document.js';
import { kindOfSection, isUnder } from './section-kinds.js';

const NUMBER = String.raw`(?:\d{1,3}(?:[,.  ]\d{3})+|\d+(?:\.\d+)?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety)\b)(?: ?(?:k|K|M|million|thousand|billion)\b)?`;
const COMPARE = String.raw`(?:(?:within|under|below|less than|fewer than|at most|at least|no more than|more than|not exceed|up to|over|about|around|every|in|for|of|max(?:imum)?(?: of)?|min(?:imum)?(?: of)?|[<>≤≥~]=?) ?)?`;
const TIME = String.raw`(?:ms|msec|milliseconds?|µs|us|microseconds?|s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?)`;
const PER = String.raw`(?: ?\/ ?| per | a | an | each | every )`;

const at = (source: string, flags = 'giu'): RegExp => new RegExp(source, flags);

/** In order: the first pattern that matches a place of a sentence owns it. */
const PATTERNS: readonly { readonly kind: Measure['kind'] | 'time'; readonly words: RegExp }[] = [
  { kind: 'frame-rate', words: at(`${COMPARE}${NUMBER} ?(?:fps|frames per second|hz|khz)(?![\\p{L}])`) },
  {
    kind: 'throughput',
    words: at(`${COMPARE}${NUMBER}(?: [\\p{L}-]{2,20}){1,3}${PER}(?:second|minute|hour|day|week|month|year|s|sec|min|h)(?![\\p{L}])`),
  },
  { kind: 'availability', words: at(`${COMPARE}\\d{2,3}(?:\\.\\d+)? ?(?:%|percent)(?=[^.;]{0,60}(?:availab|uptime|up\\b|of the time))`) },
  { kind: 'availability', words: at(`(?<=(?:availab|uptime)[^.;]{0,60})\\d{2,3}(?:\\.\\d+)? ?(?:%|percent)`) },
  {
    kind: 'users',
    words: at(
      `${COMPARE}${NUMBER}(?: (?:concurrent|simultaneous|active|registered|daily|monthly|paying|internal|named|parallel|connected|[\\p{L}-]{3,14})){0,2} (?:users?|customers?|players?|people|clients|sessions|connections|employees|staff|members|students|patients|nurses|doctors|clinicians|operators|merchants|tenants|subscribers|visitors|developers|teachers|drivers|accounts)(?![\\p{L}])`,
    ),
  },
  {
    kind: 'devices',
    words: at(
      `${COMPARE}${NUMBER}(?: [\\p{L}-]{3,14}){0,2} (?:devices|sensors|machines|gateways|meters|stations|vehicles|sites|locations|beds|wards|pumps|cameras|controllers|nodes|branches|stores|warehouses|plants|robots|terminals)(?![\\p{L}])`,
    ),
  },
  {
    kind: 'size',
    words: at(`${COMPARE}${NUMBER} ?(?:KB|MB|GB|TB|PB|KiB|MiB|GiB|kilobytes|megabytes|gigabytes|terabytes|bytes)(?![\\p{L}])`),
  },
  {
    kind: 'volume',
    words: at(
      `${COMPARE}(?:\\d{1,3}(?:[, ]\\d{3})+|\\d{4,}|\\d+ ?(?:k|K|M|million|thousand|billion))(?: [\\p{L}-]{2,14}){0,2} (?:rows|records|documents|files|articles|products|orders|items|transactions|messages|events|images|photos|lines|entries|notes|books|invoices|payments|readings|cells|objects|entities|pages|requests|lines of code|cards|tasks)(?![\\p{L}])`,
    ),
  },
  { kind: 'time', words: at(`${COMPARE}${NUMBER}[ -]?${TIME}(?![\\p{L}])`) },
];

/** A handful of people is a team, not a load. */
const SMALL_GROUP =
  /(?:^|\s)(?:one|two|three|four|five|six|seven|eight|nine|ten|\d(?:\.\d+)?)(?: [\p{L}-]+)* (?:people|staff|members|employees|developers|operators|clients)$/iu;
const RETENTION =
  /\b(?:retain(?:ed|s)?|retention|buffer\w*|keep|kept|stor(?:e|ed) for|archiv\w+|history of|preserv\w+|delet\w+ after|purg\w+|available for|expire\w*|last) /i;
const RECOVERY_POINT = /\b(?:rpo|recovery point|(?:lose|loss of|data loss)\b.{0,40})\b/i;
const RECOVERY_TIME = /\b(?:rto|recovery time|recover(?:s|ed|y)?|restor(?:e|ed)|failover|fail over|restart(?:s|ed)?|back (?:up|online))\b/i;
const SPEED =
  /\b(?:respon(?:d|se)s?|latency|load(?:s|ed|ing)?|complet(?:e|es|ed)|within|under|below|less than|at most|no more than|faster|start(?:s|up)?|render\w*|appear\w*|display\w*|show\w*|finish\w*|return\w*|process\w*|deliver\w*|react\w*|detect\w*|raise\w*|reach\w*|time|delay|p9\d|percentile|exceed)\b|[<≤]/i;

/** Numbers with units that bind the design. Every one has its sentence; a number in a section of exclusions is none. */
export function findMeasures(sentences: readonly Sentence[]): readonly Measure[] {
  const measures: Measure[] = [];
  for (const sentence of sentences) {
    if (
      isUnder(sentence.block.section, 'excluded') ||
      kindOfSection(sentence.block.section) === 'project' ||
      !/\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety)\b/i.test(sentence.text)
    )
      continue;
    const text = sentence.text.slice(0, 1300);
    const taken: [number, number][] = [];
    const heading = sentence.block.section?.title ?? '';
    for (const pattern of PATTERNS) {
      for (const match of text.matchAll(pattern.words)) {
        const end = match.index + match[0].length;
        if (taken.some(([from, to]) => match.index < to && end > from)) continue;
        const kind = pattern.kind === 'time' ? timeKind(text, match[0], heading) : pattern.kind;
        if (kind === 'users' && SMALL_GROUP.test(match[0])) continue;
        if (kind === 'throughput' && /\b(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|person-days?|percent)\b/i.test(match[0])) continue;
        if (
          kind === null ||
          /[\p{L}\p{N}-]/u.test(text[match.index - 1] ?? ' ') ||
          /\b(?:team|staff|crew|group) $/i.test(text.slice(0, match.index))
        )
          continue;
        taken.push([match.index, end]);
        measures.push({ ...evidenceOf(sentence), id: '', kind, value: match[0].trim().replace(/^of /i, '') });
      }
    }
  }
  return measures.map((measure, index) => ({ ...measure, id: `M${index + 1}` }));
}

function timeKind(text: string, value: string, heading: string): Measure['kind'] | null {
  const long = /(?:days?|weeks?|months?|years?)$/i.test(value);
  if (RECOVERY_POINT.test(text) && /\b(?:rpo|recovery point|los[es])/i.test(text))
    return /\brto\b|\brecovery time/i.test(text) && nearer(text, value, /\brto\b|\brecovery time/i, /\brpo\b|\brecovery point/i)
      ? 'recovery-time'
      : 'recovery-point';
  if (RETENTION.test(`${text} `) || /retention/i.test(heading))
    return long || /retention|retain|kept|keep|buffer/i.test(text) ? 'retention' : 'latency';
  if (RECOVERY_TIME.test(text) && !/^every/i.test(value)) return 'recovery-time';
  if (/^every\b/i.test(value)) return 'rate';
  if (long) return null;
  const bound = /^(?:within|under|below|less|fewer|at most|no more|not exceed|in|max|[<≤])/i.test(value);
  if (!bound && !/\b(?:latency|response times?|respond\w*|delay|p9\d|percentile|takes?|load time)\b/i.test(text)) return null;
  return SPEED.test(text) || /performance|latency|speed|response/i.test(heading) ? 'latency' : null;
}

function nearer(text: string, value: string, left: RegExp, right: RegExp): boolean {
  const place = text.indexOf(value);
  const before = text.slice(0, place);
  const lastLeft = lastIndexOf(before, left);
  const lastRight = lastIndexOf(before, right);
  if (lastLeft >= 0 || lastRight >= 0) return lastLeft > lastRight;
  const distance = (pattern: RegExp): number => {
    const found = text.search(pattern);
    return found < 0 ? Number.POSITIVE_INFINITY : Math.abs(found - place);
  };
  return distance(left) < distance(right);
}

function lastIndexOf(text: string, words: RegExp): number {
  return [...text.matchAll(new RegExp(words.source, 'gi'))].at(-1)?.index ?? -1;
}
