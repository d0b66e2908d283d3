import type { Adr, DataDesign, Infrastructure, Observability, Security } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { citeAll, escapeText, quote } from './cite.js';
import { bodyOf, bullets, ENGINE_NOTE, heading, joinLines, nothingAbout, paragraph, READING_NOTE, table } from './markdown.js';
import type { ResolvedTrace } from './resolve-trace.js';

/** The line of section 1 that the workflow's outputs replace once the document is approved. It stands exactly once in what awaits approval. */
export const AWAITING_APPROVAL = '**Status:** awaiting approval';

export interface AssemblySources {
  readonly facts: Facts;
  readonly design: Design;
  readonly services: ServiceDesign;
  readonly data: DataDesign;
  readonly infrastructure: Infrastructure;
  readonly security: Security;
  readonly observability: Observability;
  readonly adrs: readonly Adr[];
  /** The eight step documents in order. */
  readonly steps: readonly DocumentFile[];
  readonly requirements: readonly ResolvedTrace[];
  readonly measures: readonly ResolvedTrace[];
}

/** The System Architecture Document: eleven sections, the steps' documents as the bodies of 2 to 8 and 10. */
export function assembleDocument(sources: AssemblySources): string {
  const body = (index: number): string[] => bodyOf(withoutNote(sources.steps[index]?.content ?? ''), 1);
  return joinLines([
    ...heading(1, 'System Architecture Document'),
    ...paragraph(
      `**System:** ${escapeText(sources.design.system)}${sources.facts.titleEvidence === null ? '' : ` ${citeAll([sources.facts.titleEvidence])}`}`,
    ),
    ...paragraph(`_${ENGINE_NOTE}_`),
    ...paragraph(READING_NOTE),
    ...heading(2, '1. Executive Summary'),
    ...summaryPart(sources),
    ...heading(2, '2. Architecture Drivers'),
    ...body(0),
    ...heading(2, '3. High-Level Architecture'),
    ...body(1),
    ...heading(2, '4. Component Design'),
    ...body(2),
    ...heading(2, '5. Data Architecture'),
    ...body(3),
    ...heading(2, '6. Infrastructure Architecture'),
    ...bodyOf(withoutNote(withoutDeployment(sources.steps[4]?.content ?? '')), 1),
    ...heading(2, '7. Security Architecture'),
    ...body(5),
    ...heading(2, '8. Observability Architecture'),
    ...body(6),
    ...heading(2, '9. Deployment Architecture'),
    ...bodyOf(sources.infrastructure.deployment, 1),
    ...heading(2, '10. Architecture Decision Records'),
    ...body(7),
    ...heading(2, '11. Appendices'),
    ...appendices(sources),
  ]);
}

function summaryPart({ facts, design, security, requirements, measures, adrs, data }: AssemblySources): string[] {
  const open = requirements.filter((trace) => trace.notAddressed !== null);
  const openMeasures = measures.filter((trace) => trace.notAddressed !== null);
  const own = design.pattern.scores.find((score) => score.id === design.pattern.id);
  const best = [...(own?.rules ?? [])]
    .filter((rule) => rule.points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, 3);
  return [
    AWAITING_APPROVAL,
    '',
    ...(facts.summary.length > 0
      ? facts.summary.flatMap((sentence) => [quote(sentence), ''])
      : nothingAbout('what the system is as a whole')),
    ...(facts.english
      ? []
      : paragraph('**Few English requirements were found.** The engine reads English; what it could not read is not in this document.')),
    ...bullets([
      `Pattern: **${design.pattern.name}**${best.length > 0 ? `, because ${best.map((rule) => `${rule.reason} (derived from ${citeAll(rule.evidence, 2)})`).join('; ')}` : ' (assumption: no input)'}.`,
      `Where it runs: ${design.hosting.reason}${design.hosting.evidence.length > 0 ? ` (derived from ${citeAll(design.hosting.evidence, 2)})` : ''}.`,
      `Components: ${design.components.map((component) => escapeText(component.name)).join(', ')}.`,
      `People and neighbours: ${[...facts.actors, ...facts.externals].map((one) => escapeText(one.name)).join(', ') || 'the input names none'}.`,
      `Data: ${data.stores.length > 0 ? data.stores.map((store) => `${escapeText(store.name)} (${store.kind})`).join(', ') : 'nothing is stored'}.`,
      `Requirements: ${requirements.length} found, ${requirements.length - open.length} traced, ${open.length} not addressed (appendix A and B).`,
      `Performance numbers: ${measures.length} found, ${openMeasures.length} not addressed (appendix C).`,
      `Security review: ${security.passed ? 'passed' : 'failed'} with ${security.findings.length} open finding(s) (section 7).`,
      `Decisions: ${adrs.length} records (section 10).`,
    ]),
  ];
}

function appendices({ facts, design, requirements, measures }: AssemblySources): string[] {
  const byId = new Map(facts.requirements.map((requirement) => [requirement.id, requirement]));
  const traced = requirements.filter((trace) => trace.notAddressed === null);
  const open = requirements.filter((trace) => trace.notAddressed !== null);
  const said = (id: string): string => {
    const requirement = byId.get(id);
    return requirement === undefined ? '' : quote(requirement);
  };
  const sections = (trace: ResolvedTrace): string => trace.sections.join(', ');
  const numbers = new Map(facts.measures.map((measure) => [measure.id, measure]));
  return [
    ...heading(3, 'A. Requirements traceability'),
    ...(traced.length > 0
      ? table(
          ['ID', 'Strength', 'What the input says', 'Component', 'Section'],
          traced.map((trace) => [
            escapeText(trace.id),
            byId.get(trace.id)?.strength ?? '',
            said(trace.id),
            trace.components.length > 0 ? trace.components.map(escapeText).join(', ') : 'whole system',
            sections(trace),
          ]),
        )
      : nothingAbout('requirements that could be traced')),
    ...paragraph('An identifier of the form S12 is the engine’s: the statement at line 12, which the input does not number.'),
    ...heading(3, 'B. Requirements not addressed'),
    ...(open.length > 0
      ? table(
          ['ID', 'Strength', 'What the input says', 'Why it is not addressed'],
          open.map((trace) => [escapeText(trace.id), byId.get(trace.id)?.strength ?? '', said(trace.id), trace.notAddressed ?? '']),
        )
      : paragraph('None.')),
    ...heading(3, 'C. Performance requirements'),
    ...(measures.length > 0
      ? table(
          ['ID', 'Value', 'What the input says', 'Addressed in'],
          measures.map((trace) => {
            const measure = numbers.get(trace.id);
            return [
              trace.id,
              escapeText(measure?.value ?? ''),
              measure === undefined ? '' : quote(measure),
              trace.notAddressed === null ? `section ${sections(trace)}` : `not addressed: ${trace.notAddressed}`,
            ];
          }),
        )
      : nothingAbout('performance numbers')),
    ...heading(3, 'D. Exit criteria'),
    ...bullets([
      'C4 levels 1 to 3: sections 3 and 4.',
      'Security review: section 7.',
      'Performance requirements: appendix C.',
      'Architecture decision records: section 10.',
      'Approval by a person: status line of section 1.',
    ]),
    ...heading(3, 'E. How this document was made'),
    ...paragraph(
      `${ENGINE_NOTE} The same input gives the same document. ${design.components.length} component(s) were named from the input's own words.`,
    ),
  ];
}

function withoutNote(markdown: string): string {
  return markdown.replace(`_${ENGINE_NOTE}_\n\n`, '');
}

/** Deployment has a section of its own in the whole document. */
function withoutDeployment(markdown: string): string {
  const at = markdown.indexOf('\n## Deployment\n');
  return at < 0 ? markdown : markdown.slice(0, at + 1);
}
