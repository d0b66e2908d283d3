import type { Adr } from '../model/aspects.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import { bullets, ENGINE_NOTE, heading, joinLines, paragraph, table } from '../document/markdown.js';

export function decisionsDocument(adrs: readonly Adr[]): DocumentFile {
  return {
    path: '08-decisions.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'Architecture Decision Records'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...table(
        ['ADR', 'Decision'],
        adrs.map((adr) => [adr.id, adr.title]),
      ),
      ...adrs.flatMap((adr) => [
        ...heading(2, `${adr.id}: ${adr.title}`),
        ...paragraph('Status: proposed, awaits approval with the document.'),
        ...heading(3, 'Context'),
        ...bullets(adr.context),
        ...heading(3, 'Decision'),
        ...paragraph(adr.decision),
        ...heading(3, 'Rationale'),
        ...bullets(adr.rationale),
        ...heading(3, 'Alternatives considered'),
        ...bullets(adr.alternatives.map((alternative) => `${alternative.name}: ${alternative.verdict}.`)),
        ...heading(3, 'Consequences'),
        ...bullets(adr.consequences),
      ]),
    ]),
  };
}
