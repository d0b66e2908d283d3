import type { Adr, DataDesign, Security } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { Evidence } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';

export interface AdrSources {
  readonly facts: Facts;
  readonly design: Design;
  readonly services: ServiceDesign;
  readonly data: DataDesign;
  readonly security: Security;
}

/** A record before it has its number. */
export type AdrDraft = Omit<Adr, 'id'>;

export function dedupe(evidence: readonly Evidence[]): Evidence[] {
  return [...new Map(evidence.map((one) => [`${one.from} ${one.to} ${one.text}`, one])).values()];
}
