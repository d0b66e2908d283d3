import type { Facts } from '../model/facts.schema.js';
import type { Sentence } from '../reading/sentences.js';
import { distinctEvidence, evidenceOf } from '../reading/source-document.js';

export interface Quality {
  readonly id: string;
  readonly label: string;
  /** Section of the document that has to answer it. */
  readonly section: number;
  readonly words: RegExp;
}

/** Quality attributes after ISO 25010. A quality is only named where words of the input speak of it. */
export const QUALITIES: readonly Quality[] = [
  {
    id: 'performance',
    label: 'Performance',
    section: 8,
    words:
      /\b(?:performance|latency|response times?|respond(?:s|ing)? (?:within|in)|throughput|fast|slow|milliseconds?|\d+ ?ms|frames? per second|fps|p9[059]|(?:within|under|below|less than|in at most) \d+(?:\.\d+)? ?(?:s|sec|seconds?|minutes?)\b|per second|concurrent(?:ly)?)\b/i,
  },
  {
    id: 'scalability',
    label: 'Scalability',
    section: 6,
    words: /\b(?:scal(?:e|es|able|ability|ing)|grow(?:s|th)?|elastic\w*|peak load|high load|concurrent users|million|horizontally)\b/i,
  },
  {
    id: 'availability',
    label: 'Availability',
    section: 6,
    words:
      /\b(?:availab(?:le|ility) (?:\d|at least|around|24)|availability|uptime|downtime|24\/7|24x7|failover|fail-over|high[- ]availability|redundan(?:t|cy)|9\d(?:\.\d+)? ?%)\b/i,
  },
  {
    id: 'reliability',
    label: 'Reliability',
    section: 6,
    words:
      /\b(?:reliab\w+|recover(?:y|s|able)?|backups?|restore[ds]?|fault[- ]toleran\w+|crash(?:es)?|power (?:loss|cut|failure|outage)s?|data loss|lose (?:no|any)? ?data|never lose|not lose|lost (?:data|orders|messages)|durab\w+|resilien\w+|exactly once|at least once|idempoten\w+|retr(?:y|ies|ied))\b/i,
  },
  {
    id: 'security',
    label: 'Security',
    section: 7,
    words:
      /\b(?:secur\w+|encrypt\w*|authenticat\w+|authori[sz]\w+|log ?in|passwords?|access (?:control|rights)|permissions?|roles?[- ]based|tls|https|attack\w*|tamper\w*|vulnerab\w+|mfa|two-factor|2fa|single sign-on|sso|signed|sanitis\w+|sanitiz\w+|malicious|audit(?:ed| log| trail)?)\b/i,
  },
  {
    id: 'privacy',
    label: 'Privacy',
    section: 7,
    words:
      /\b(?:privacy|gdpr|hipaa|ccpa|personal(?:ly)? (?:data|identif\w+|information)|pii|consent|anonymi[sz]\w+|pseudonymi[sz]\w+|tracking|right to (?:be forgotten|erasure)|data protection)\b/i,
  },
  {
    id: 'usability',
    label: 'Usability and accessibility',
    section: 4,
    words:
      /\b(?:usab\w+|accessib(?:le|ility)|wcag|screen readers?|keyboard (?:only|navigation|shortcuts?|access)|intuitive|easy to use|colou?r[- ]blind\w*|locali[sz]\w+|translations?|languages? (?:of|support)|responsive|aria|languages|in (?:English|German|French|Spanish|Dutch)|zoom|high[- ]contrast|reduced[- ]motion|training|plain words)\b/i,
  },
  {
    id: 'maintainability',
    label: 'Maintainability',
    section: 10,
    words:
      /\b(?:maintainab\w+|modular\w*|testab\w+|test coverage|extensib\w+|plug-?ins?|configurab\w+|documented|code quality|upgradeab\w+)\b/i,
  },
  {
    id: 'portability',
    label: 'Portability and compatibility',
    section: 9,
    words:
      /\b(?:portab\w+|compatib\w+|cross-platform|(?:latest|current|modern|major) (?:two )?(?:versions? of )?(?:browsers?|chrome|firefox)|runs? on (?:windows|linux|macos|ios|android)|windows|macos|linux|ios|android|arm64|docker|browsers?)\b/i,
  },
  {
    id: 'safety',
    label: 'Safety',
    section: 7,
    words: /\b(?:safety|fail-safe|failsafe|safe state|hazard\w*|injur\w+|emergency|interlocks?|iec 6\d{4}|iso 26262|sil ?[1-4])\b/i,
  },
  {
    id: 'observability',
    label: 'Observability',
    section: 8,
    words:
      /\b(?:observab\w+|monitor(?:ing|ed)|metrics|logs?|logged|logging|traces?|tracing|alert(?:s|ed|ing)?|health checks?|telemetry|dashboards? for operations)\b/i,
  },
  {
    id: 'compliance',
    label: 'Compliance',
    section: 7,
    words:
      /\b(?:complian\w+|comply|complies|regulat\w+|pci(?:[- ]dss)?|psd2|sox|hipaa|gdpr|iso ?27001|soc ?2|fda|hl7|kyc|aml|legal(?:ly)?|audits?)\b/i,
  },
  {
    id: 'offline',
    label: 'Offline operation',
    section: 6,
    words:
      /\b(?:offline|without (?:an? )?(?:internet|network|connection|connectivity)|air[- ]gapped|disconnected|network (?:outage|loss|failure)s?|intermittent)\b/i,
  },
  { id: 'cost', label: 'Cost', section: 6, words: /\b(?:budget|costs?|cheap\w*|affordable|free of charge|(?:€|\$|£) ?\d)/i },
];

export function qualitiesOf(text: string): readonly string[] {
  return QUALITIES.filter((quality) => quality.words.test(text)).map((quality) => quality.id);
}

export function findQualities(sentences: readonly Sentence[], demands: ReadonlySet<number>): Facts['qualities'] {
  return QUALITIES.flatMap((quality) => {
    const said = sentences.filter((sentence) => demands.has(sentence.from) && quality.words.test(sentence.text));
    const evidence = distinctEvidence(said.map(evidenceOf), 8);
    return evidence.length === 0 ? [] : [{ id: quality.id, evidence }];
  });
}

export function qualityLabel(id: string): string {
  return QUALITIES.find((quality) => quality.id === id)?.label ?? id;
}
