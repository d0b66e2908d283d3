import type { DocumentFile } from '../model/evidence.schema.js';
import type { Design } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { ASSUMPTION, citeAll, derived, escapeText, quoteAll } from '../document/cite.js';
import { ENGINE_NOTE, heading, joinLines, mermaidBlock, nothingAbout, paragraph, table } from '../document/markdown.js';
import { patternById } from './patterns.js';

const BASIS: Readonly<Record<Design['components'][number]['basis'], string>> = {
  area: 'a functional area of the input',
  part: 'a part the input names',
  topic: 'what several statements are about',
  whole: 'the system as a whole',
};

export function highLevelDocument(facts: Facts, design: Design, contextDiagram: string): DocumentFile {
  const pattern = patternById(design.pattern.id);
  const own = design.pattern.scores.find((score) => score.id === pattern.id);
  const reasons = [...(own?.rules ?? [])].sort((a, b) => b.points - a.points);
  return {
    path: '02-high-level.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'High-Level Architecture'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...heading(2, 'Architecture pattern'),
      ...paragraph(
        `**${pattern.name}.** ${pattern.summary} ${design.pattern.byDefault ? ASSUMPTION : derived(reasons.filter((rule) => rule.points > 0).flatMap((rule) => rule.evidence.slice(0, 2)))}.`,
      ),
      ...(reasons.length > 0
        ? table(
            ['Reason', 'Points', 'What the input says'],
            reasons.map((rule) => [escapeText(rule.reason), signed(rule.points), quoteAll(rule.evidence, 2)]),
          )
        : paragraph(`The input gives no reason for any pattern; this is the engine's default ${ASSUMPTION}.`)),
      ...paragraph('Scores of all patterns; points come from the rules above and their like, evidence in brackets:'),
      ...table(
        ['Pattern', 'Score', 'For', 'Against'],
        design.pattern.scores.map((score) => [
          score.id === pattern.id ? `**${score.name}**` : score.name,
          String(score.score),
          linesOf(score.rules.filter((rule) => rule.points > 0)),
          linesOf(score.rules.filter((rule) => rule.points < 0)),
        ]),
      ),
      ...heading(2, 'Where it runs'),
      ...paragraph(
        design.hosting.kind === 'open'
          ? 'The input says nothing about where the system runs. The design stays neutral on it.'
          : `${capital(design.hosting.reason)} ${design.hosting.evidence.length > 0 ? derived(design.hosting.evidence) : '(derived from the pattern)'}.`,
      ),
      ...(design.hosting.evidence.length > 0 ? [quoteAll(design.hosting.evidence, 3), ''] : []),
      ...heading(2, 'System boundary'),
      ...paragraph(
        `Inside: ${escapeText(design.system)} with the components below. Outside: the people and systems of the next two tables.`,
      ),
      ...heading(3, 'Actors'),
      ...(facts.actors.length > 0
        ? table(
            ['Actor', 'What the input says'],
            facts.actors.map((actor) => [escapeText(actor.name), quoteAll(actor.evidence, 2)]),
          )
        : nothingAbout('who uses the system')),
      ...heading(3, 'External systems'),
      ...(facts.externals.length > 0
        ? table(
            ['System', 'Direction', 'What the input says'],
            facts.externals.map((external) => [
              escapeText(external.name),
              { in: 'gives data', out: 'gets data', both: 'both ways' }[external.direction],
              quoteAll(external.evidence, 2),
            ]),
          )
        : nothingAbout('systems outside it')),
      ...heading(2, 'Major components'),
      ...table(
        ['ID', 'Component', 'Named after', 'Requirements', 'Evidence'],
        design.components.map((component) => [
          component.id,
          escapeText(component.name),
          BASIS[component.basis],
          String(component.requirementIds.length),
          component.evidence.length > 0 ? quoteAll(component.evidence, 2) : ASSUMPTION,
        ]),
      ),
      ...heading(2, 'C4 level 1: Context'),
      ...mermaidBlock(contextDiagram),
    ]),
  };
}

function linesOf(rules: Design['pattern']['scores'][number]['rules']): string {
  return rules.map((rule) => `${escapeText(rule.rule)} ${signed(rule.points)} ${citeAll(rule.evidence, 2)}`).join('; ');
}

function signed(points: number): string {
  return points > 0 ? `+${points}` : String(points).replace('-', '−');
}

function capital(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}
