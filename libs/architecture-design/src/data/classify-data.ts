import type { Entity, Facts } from '../model/facts.schema.js';
import { MentionIndex } from '../components/mentions.js';
import type { SignalView } from '../pattern/signal-view.js';

const CLASSES: readonly { readonly signal: string; readonly label: string; readonly words: RegExp }[] = [
  {
    signal: 'health-data',
    label: 'health',
    words: /\b(?:patient|medical|clinical|diagnos|prescription|medication|dose|vital|lab result|treatment|allerg|observation)/i,
  },
  { signal: 'payment-data', label: 'payment', words: /\b(?:payment|card|iban|bank account|refund|direct debit|checkout|payout)/i },
  {
    signal: 'personal-data',
    label: 'personal',
    words:
      /\b(?:customer|patient|member|user|profile|account|e-?mail|address|contact|employee|student|person|guest|applicant|birth|phone|passenger|resident|guardian)/i,
  },
  {
    signal: 'financial-data',
    label: 'financial',
    words: /\b(?:ledger|balance|transfer|invoice|payroll|salary|transaction|price|statement)/i,
  },
  { signal: 'location-data', label: 'location', words: /\b(?:location|position|gps|route|trip)/i },
];

/** Classes of sensitive data an entity falls in, judged by its name and attributes, only where the input speaks of such data. */
export function classesOf(entity: Entity, signals: SignalView): string[] {
  const text = [entity.name, ...entity.attributes].join(' ');
  return CLASSES.filter((one) => signals.positive(one.signal).length > 0 && one.words.test(text)).map((one) => one.label);
}

/** Pairs of entities that one requirement names together, first of the two first. */
export function relationsOf(
  facts: Facts,
): { readonly from: string; readonly to: string; readonly evidence: { text: string; from: number; to: number } }[] {
  const index = new MentionIndex();
  const seen = new Set<string>();
  return facts.requirements.flatMap((requirement) => {
    if (requirement.kind !== 'function') return [];
    const named = facts.entities.filter((entity) => index.mentions(requirement.text, entity.name)).map((entity) => entity.name);
    const distinct = named.filter((name) => !named.some((other) => other !== name && other.toLowerCase().includes(name.toLowerCase())));
    const [from, to] = distinct;
    if (from === undefined || to === undefined || distinct.length > 4) return [];
    const key = [from, to].sort().join('|');
    if (seen.has(key) || seen.size >= 16) return [];
    seen.add(key);
    return [{ from, to, evidence: { text: requirement.text, from: requirement.from, to: requirement.to } }];
  });
}
