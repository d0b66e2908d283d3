import type { DocumentFile } from '../model/evidence.schema.js';
import type { Driver, Facts } from '../model/facts.schema.js';
import { contextDocument } from '../drivers/context-document.js';
import { findDrivers } from '../drivers/drivers.js';
import { collectFacts } from '../drivers/facts.js';
import type { ContextInput } from './step-schemas.js';

export interface ContextResult {
  readonly facts: Facts;
  readonly drivers: readonly Driver[];
  readonly document: DocumentFile;
}

/** Thrown for an input without a single letter; trying again cannot help. */
export class EmptyInput extends Error {
  public override readonly name = 'EmptyInput';
}

export function analyseContext(input: ContextInput): ContextResult {
  if (!/\p{L}/u.test(input.prd))
    throw new EmptyInput(
      `the requirements document holds no letter (${input.prd.length} character(s)); a requirements document in Markdown or plain text is expected`,
    );
  const facts = collectFacts(input.prd, input.title ?? undefined);
  const drivers = findDrivers(facts);
  return { facts, drivers, document: contextDocument(facts, drivers) };
}
