import type { DataDesign } from '../model/aspects.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { cite } from '../document/cite.js';
import type { SignalView } from '../pattern/signal-view.js';

const NOT_DATA = /\b(?:schema migrations?|database migrations?)\b/i;

/** Only where the input speaks of existing data; a plan for data nobody has would be an invention. */
export function planMigration(facts: Facts, signals: SignalView, store: string | null): DataDesign['migration'] {
  const evidence = signals.positive('migration').filter((one) => !NOT_DATA.test(one.text));
  if (evidence.length === 0) return null;
  const first = evidence[0];
  const from = first === undefined ? '' : cite(first);
  const target = store ?? 'the new format';
  const parallel = evidence.find((one) => /\b(?:parallel|side by side|cut-?over|downtime|phased|gradual)/i.test(one.text));
  const entities = facts.entities
    .slice(0, 6)
    .map((entity) => entity.name)
    .join(', ');
  return {
    evidence: [...evidence],
    steps: [
      `Take stock of the existing data: formats, amounts, quality and owners (derived from ${from}).`,
      `Map each field onto ${entities === '' ? 'the new model' : `the entities ${entities}`}; list what has no target (derived from ${from}).`,
      `Load into ${target} by a repeatable import that can start again and reports what it rejects (derived from ${from}).`,
      'Rehearse on a copy; compare counts and samples with the source and have the owners sign them off (assumption: no input).',
      parallel === undefined
        ? 'Cut over once, with the old data kept read-only for the way back (assumption: no input on a parallel run).'
        : `Cut over as the input says (derived from ${cite(parallel)}).`,
    ],
  };
}
