import type { Security } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { isNegated } from '../language/negation.js';
import { distinctEvidence } from '../reading/source-document.js';
import { answerable } from '../infrastructure/answers.js';
import { patternById } from '../pattern/patterns.js';
import type { SignalView } from '../pattern/signal-view.js';
import { signalsOf } from '../pattern/signal-view.js';
import { CONTRADICTIONS, GAPS } from './gap-table.js';
import type { ThreatRule } from './threat-table.js';
import { THREATS } from './threat-table.js';

/** Threats from what the input has, findings from what it leaves open. A finding of high severity fails the review. */
export function reviewSecurity(facts: Facts, design: Design, services: ServiceDesign): Security {
  const signals = signalsOf(facts);
  const served = patternById(design.pattern.id).served;
  const threats = THREATS.flatMap((rule) => {
    if (rule.servedOnly === true && !served) return [];
    const evidence =
      rule.id === 'external'
        ? facts.externals.flatMap((external) => external.evidence.slice(0, 1))
        : rule.signals.flatMap((signal) => (signals.has(signal) ? [...signals.positive(signal)] : []));
    if (evidence.length === 0) return [];
    const stated = rule.statedBy.flatMap((signal) => (signals.has(signal) ? [...signals.positive(signal)] : []));
    return [
      {
        id: '',
        category: rule.category,
        threat: rule.threat,
        control: !served && rule.localControl !== undefined ? rule.localControl : rule.control,
        places: placesOf(rule, facts, services),
        statedInInput: stated.length > 0,
        evidence: distinctEvidence([...evidence.slice(0, 2), ...stated.slice(0, 1)], 3),
      },
    ];
  }).map((threat, index) => ({ ...threat, id: `T${index + 1}` }));
  const findings = findingsOf(facts, signals, served);
  return { passed: !findings.some((finding) => finding.severity === 'high'), threats, findings, answers: answersOf(facts, served) };
}

function placesOf(rule: ThreatRule, facts: Facts, services: ServiceDesign): string[] {
  const named = (...kinds: readonly string[]): string[] =>
    services.containers.filter((container) => kinds.includes(container.kind)).map((container) => container.name);
  const first = (...choices: readonly string[][]): string[] => choices.find((choice) => choice.length > 0)?.slice(0, 4) ?? [];
  switch (rule.place) {
    case 'entry':
      return first(named('entry'), named('program'), named('service')).slice(0, 2);
    case 'store':
      return first(named('store'), named('program'));
    case 'external':
      return first(
        facts.externals.map((external) => external.name),
        named('entry', 'program'),
      );
    case 'interface':
      return first(named('interface'), named('program'));
    case 'edge':
      return first(named('edge'), named('entry'), named('program'));
    default:
      return first(named('program', 'entry', 'service', 'worker'));
  }
}

function findingsOf(facts: Facts, signals: SignalView, served: boolean): Security['findings'] {
  const contradictions = CONTRADICTIONS.flatMap((rule) => {
    const said = facts.requirements.filter((requirement) => {
      if (requirement.kind === 'excluded') return false;
      const match = rule.words.exec(requirement.text.slice(0, 1200));
      if (match === null) return false;
      if (rule.id === 'no-protection')
        return (
          !/\b(?:not|never|no \w+ (?:may|must|can|shall))\b/i.test(requirement.text.slice(0, match.index)) &&
          !/\b(?:not|never)\b.{0,25}$/i.test(requirement.text.slice(0, match.index))
        );
      return (
        !/\b(?:not|never)\b/i.test(requirement.text.slice(0, match.index + match[0].length)) &&
        !isNegated(requirement.text, match.index, match.index + match[0].length)
      );
    });
    return said.length === 0
      ? []
      : [{ severity: 'high' as const, text: rule.text, evidence: said.slice(0, 3).map(({ text, from, to }) => ({ text, from, to })) }];
  });
  const gaps = GAPS.flatMap((rule) => {
    if (rule.servedOnly === true && !served) return [];
    if (!rule.has.every((signal) => signals.has(signal)) || rule.needs.some((signal) => signals.positive(signal).length > 0)) return [];
    const evidence = distinctEvidence(
      rule.has.flatMap((signal) => [...signals.positive(signal)]),
      2,
    );
    return [{ severity: rule.severity, text: rule.text, evidence }];
  });
  return [...contradictions, ...gaps].map((finding, index) => ({ id: `F${index + 1}`, ...finding }));
}

const RESPONSES: readonly { readonly quality: string; readonly answer: string }[] = [
  { quality: 'safety', answer: 'checked beside the device, with a safe state on silence or doubt; tested with injected faults' },
  { quality: 'privacy', answer: 'data classes of section 5 decide who may read, how long it is kept and what logs may hold' },
  {
    quality: 'compliance',
    answer: 'the controls of this section are mapped to the named rules; evidence comes from the audit record and tests',
  },
  { quality: 'security', answer: 'held by the controls of this section; a test that fails without it belongs to the work' },
];

function answersOf(facts: Facts, served: boolean): Security['answers'] {
  return facts.requirements.flatMap((requirement) => {
    if (!answerable(requirement)) return [];
    const response = RESPONSES.find((one) => requirement.qualities.includes(one.quality));
    if (response === undefined) return [];
    const answer =
      response.quality === 'compliance' && !served
        ? 'followed where it applies to software that runs on the person’s own machine'
        : response.answer;
    return [{ id: requirement.id, answer, derivedFrom: [{ text: requirement.text, from: requirement.from, to: requirement.to }] }];
  });
}
