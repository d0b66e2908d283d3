import type { Design } from '../model/design.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import { buildComponents } from '../components/build-components.js';
import { traceRequirements } from '../components/trace-requirements.js';
import { contextDiagram } from '../mermaid/c4.js';
import { chooseHosting } from '../pattern/choose-hosting.js';
import { choosePattern } from '../pattern/choose-pattern.js';
import { highLevelDocument } from '../pattern/high-level-document.js';
import type { HighLevelInput } from './step-schemas.js';

export interface HighLevelResult {
  readonly design: Design;
  readonly diagram: string;
  readonly document: DocumentFile;
}

export function designHighLevel({ facts }: HighLevelInput): HighLevelResult {
  const pattern = choosePattern(facts);
  const components = buildComponents(facts);
  const design: Design = {
    system: facts.title,
    pattern,
    hosting: chooseHosting(facts, pattern.id),
    components,
    trace: traceRequirements(facts, components),
  };
  const diagram = contextDiagram(facts, design);
  return { design, diagram, document: highLevelDocument(facts, design, diagram) };
}
