import type { Facts } from '../model/facts.schema.js';
import { looksEnglish } from '../language/english.js';
import { readDocument } from '../reading/source-document.js';
import { findActors } from './actors.js';
import { findAreas } from './areas.js';
import { findEntities } from './entities.js';
import { findExternals } from './externals.js';
import { findMeasures } from './measures.js';
import { findParts } from './parts.js';
import { findQualities } from './qualities.js';
import { findRequirements } from './requirements.js';
import { findSignals } from './signals.js';
import { findAssumptions, findConstraints, findExclusions, findSummary, findTitle } from './statements.js';
import { findTechnologies } from './technologies.js';

/** Everything the engine takes from a requirements document. Same text, same facts. */
export function collectFacts(source: string, givenTitle?: string): Facts {
  const document = readDocument(source);
  const title = findTitle(document, givenTitle);
  const requirements = findRequirements(document);
  const actors = findActors(document);
  const externals = findExternals(document, actors, title.title);
  const demanded = new Set<number>();
  for (const requirement of requirements) {
    if (requirement.kind === 'excluded' || requirement.kind === 'meta') continue;
    for (let line = requirement.from; line <= requirement.to; line += 1) demanded.add(line);
  }
  return {
    title: title.title,
    titleEvidence: title.evidence,
    summary: findSummary(document),
    lines: document.lineCount,
    english: looksEnglish(document.sentences.map((sentence) => sentence.text)),
    requirements: [...requirements],
    areas: [...findAreas(document, requirements)],
    parts: [...findParts(requirements, actors, title.title)],
    actors: [...actors],
    externals: [...externals],
    entities: [...findEntities(document, requirements, actors, externals)],
    technologies: [...findTechnologies(document.sentences)],
    constraints: findConstraints(document, requirements),
    assumptions: findAssumptions(document),
    exclusions: findExclusions(document),
    qualities: findQualities(document.sentences, demanded),
    measures: [...findMeasures(document.sentences)],
    signals: [...findSignals(document.sentences)],
  };
}
