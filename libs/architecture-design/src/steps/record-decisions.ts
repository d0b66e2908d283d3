import type { Adr } from '../model/aspects.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import { decisionsDocument } from '../decisions/decisions-document.js';
import { writeAdrs } from '../decisions/write-adrs.js';
import { assembleDocument } from '../document/assemble.js';
import type { CitationProblem } from '../document/check-citations.js';
import { checkCitations } from '../document/check-citations.js';
import { resolveMeasures, resolveRequirements } from '../document/resolve-trace.js';
import type { DecisionsInput } from './step-schemas.js';

/** What the exit criteria look at. */
export interface ExitReport {
  readonly diagrams: { readonly context: boolean; readonly container: boolean; readonly component: boolean };
  readonly securityPassed: boolean;
  readonly requirements: { readonly found: number; readonly traced: number; readonly notAddressed: number };
  readonly performance: { readonly found: number; readonly addressed: number; readonly notAddressed: number };
  readonly adrs: number;
  readonly citations: { readonly problems: readonly CitationProblem[] };
}

export interface DecisionsResult {
  readonly adrs: readonly Adr[];
  readonly exit: ExitReport;
  readonly document: DocumentFile;
  readonly documents: readonly DocumentFile[];
}

export function recordDecisions(input: DecisionsInput): DecisionsResult {
  const { facts, design, services, data, infrastructure, security, observability } = input;
  const adrs = writeAdrs({ facts, design, services, data, security });
  const decisions = decisionsDocument(adrs);
  const answers = new Map([
    [4, input.usability],
    [5, data.answers],
    [6, infrastructure.answers],
    [7, security.answers],
    [8, observability.answers],
  ]);
  const sources = {
    facts,
    design,
    answers,
    decisions: new Map([
      [10, decisions.content],
      [3, input.documents[1]?.content ?? ''],
      [9, infrastructure.deployment],
    ]),
  };
  const requirements = resolveRequirements(sources);
  const measures = resolveMeasures(sources);
  const steps = [...input.documents, decisions];
  const content = assembleDocument({
    facts,
    design,
    services,
    data,
    infrastructure,
    security,
    observability,
    adrs,
    steps,
    requirements,
    measures,
  });
  const document: DocumentFile = { path: 'architecture.md', mediaType: 'text/markdown', content };
  const open = requirements.filter((trace) => trace.notAddressed !== null).length;
  const openMeasures = measures.filter((trace) => trace.notAddressed !== null).length;
  return {
    adrs,
    exit: {
      diagrams: {
        context: input.diagrams.context !== '',
        container: input.diagrams.container !== '',
        component: input.diagrams.component.length > 0,
      },
      securityPassed: security.passed,
      requirements: { found: requirements.length, traced: requirements.length - open, notAddressed: open },
      performance: { found: measures.length, addressed: measures.length - openMeasures, notAddressed: openMeasures },
      adrs: adrs.length,
      citations: { problems: [document, ...steps].flatMap((file) => checkCitations(file.content, input.prd)).slice(0, 20) },
    },
    document,
    documents: [document, ...steps],
  };
}
