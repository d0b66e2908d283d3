import type { Evidence } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';

/** Reads signals by name; a signal nothing was said about is empty on both sides. */
export interface SignalView {
  positive(id: string): readonly Evidence[];
  negative(id: string): readonly Evidence[];
  /** Said, and said at least as often as ruled out. */
  has(id: string): boolean;
  /** Ruled out, and never said. */
  excludes(id: string): boolean;
}

export function signalsOf(facts: Pick<Facts, 'signals'>): SignalView {
  const byId = new Map(facts.signals.map((signal) => [signal.id, signal]));
  const positive = (id: string): readonly Evidence[] => byId.get(id)?.positive ?? [];
  const negative = (id: string): readonly Evidence[] => byId.get(id)?.negative ?? [];
  return {
    positive,
    negative,
    has: (id) => positive(id).length > 0 && positive(id).length >= negative(id).length,
    excludes: (id) => negative(id).length > 0 && positive(id).length < negative(id).length,
  };
}
