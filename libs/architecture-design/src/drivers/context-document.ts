import type { DocumentFile } from '../model/evidence.schema.js';
import type { Driver, Facts } from '../model/facts.schema.js';
import { escapeText, quote, quoteAll } from '../document/cite.js';
import { bullets, ENGINE_NOTE, heading, joinLines, nothingAbout, paragraph, table } from '../document/markdown.js';
import { qualityLabel } from './qualities.js';

export function contextDocument(facts: Facts, drivers: readonly Driver[]): DocumentFile {
  const counted = facts.requirements.filter((requirement) => requirement.kind !== 'meta' && requirement.kind !== 'excluded');
  return {
    path: '01-context.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'Architecture Context'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...heading(2, 'What the input describes'),
      ...(facts.summary.length > 0
        ? facts.summary.flatMap((sentence) => [`> ${quote(sentence)}`, ''])
        : nothingAbout('what the system is as a whole')),
      ...paragraph(
        `The input has ${facts.lines} lines with ${counted.length} requirement(s)${facts.english ? '' : '. Few of its words are English; the engine reads English requirements only, so much of it may be unread'}.`,
      ),
      ...heading(2, 'Architectural drivers'),
      ...table(
        ['ID', 'Kind', 'What the input says', 'What follows (derived)'],
        drivers.map((driver) => [
          driver.id,
          driver.kind,
          driver.evidence.length > 0 ? quoteAll(driver.evidence, 2) : '(assumption: no input)',
          escapeText(driver.consequence),
        ]),
      ),
      ...heading(2, 'Quality attributes'),
      ...(facts.qualities.length > 0
        ? table(
            ['Attribute', 'What the input says'],
            facts.qualities.map((quality) => [qualityLabel(quality.id), quoteAll(quality.evidence, 3)]),
          )
        : nothingAbout('quality attributes')),
      ...heading(2, 'Performance requirements'),
      ...(facts.measures.length > 0
        ? table(
            ['ID', 'Kind', 'Value', 'Stated in'],
            facts.measures.map((measure) => [measure.id, measure.kind.replace('-', ' '), escapeText(measure.value), quote(measure)]),
          )
        : nothingAbout('numbers for speed, load, availability or retention')),
      ...heading(2, 'Constraints'),
      ...(facts.constraints.length > 0 ? bullets(facts.constraints.map(quote)) : nothingAbout('constraints')),
      ...heading(2, 'Assumptions'),
      ...(facts.assumptions.length > 0 ? bullets(facts.assumptions.map(quote)) : nothingAbout('assumptions')),
      ...heading(2, 'Out of scope'),
      ...(facts.exclusions.length > 0 ? bullets(facts.exclusions.map(quote)) : nothingAbout('what is out of scope')),
      ...heading(2, 'Technologies named by the input'),
      ...(facts.technologies.length > 0
        ? table(
            ['Technology', 'Kind', 'Standing', 'Stated in'],
            facts.technologies.map((technology) => [
              escapeText(technology.name),
              technology.category,
              technology.rejected ? 'ruled out' : 'named',
              quoteAll(technology.evidence, 1),
            ]),
          )
        : nothingAbout('technologies')),
    ]),
  };
}
