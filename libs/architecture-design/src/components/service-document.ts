import type { DocumentFile } from '../model/evidence.schema.js';
import type { Container, Design, Link, ServiceDesign } from '../model/design.schema.js';
import type { Answer } from '../model/aspects.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { ASSUMPTION, cite, derived, escapeText, quote } from '../document/cite.js';
import { answersTable } from '../document/answers-table.js';
import { bullets, ENGINE_NOTE, heading, joinLines, mermaidBlock, nothingAbout, paragraph, table } from '../document/markdown.js';
import { KIND_NAMES } from '../mermaid/c4.js';

const STYLES: Readonly<Record<Link['style'], string>> = {
  call: 'call',
  synchronous: 'call with an answer (synchronous)',
  asynchronous: 'message (asynchronous)',
  file: 'file',
  storage: 'storage access',
  person: 'person at a screen',
};

export function serviceDocument(
  facts: Facts,
  design: Design,
  services: ServiceDesign,
  diagrams: { readonly container: string; readonly components: readonly { readonly container: Container; readonly code: string }[] },
  answers: readonly Answer[],
): DocumentFile {
  const named = (id: string): string =>
    escapeText(services.containers.find((container) => container.id === id)?.name ?? id.replace(/^(?:actor|external):/, ''));
  return {
    path: '03-services.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'Component Design'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...heading(2, 'Containers'),
      ...paragraph(
        `The containers follow from the pattern “${design.pattern.name}” of section 3 and from what the cited lines ask for.`.replace(
          /[“”]/g,
          '*',
        ),
      ),
      ...table(
        ['ID', 'Container', 'Kind', 'Technology', 'Purpose', 'Reason'],
        services.containers.map((container) => [
          container.id,
          escapeText(container.name),
          KIND_NAMES[container.kind],
          container.technology === null ? 'the input names none' : escapeText(container.technology),
          escapeText(container.purpose),
          container.evidence.length > 0 ? derived(container.evidence) : '(derived from the pattern)',
        ]),
      ),
      ...heading(2, 'C4 level 2: Container'),
      ...mermaidBlock(diagrams.container),
      ...heading(2, 'Communication'),
      ...(services.links.length > 0
        ? table(
            ['From', 'To', 'How', 'What', 'Reason'],
            services.links.map((link) => [
              named(link.from),
              named(link.to),
              STYLES[link.style],
              link.label,
              link.evidence.length > 0 ? derived(link.evidence) : '(derived from the pattern)',
            ]),
          )
        : paragraph('One program; nothing communicates over a boundary.')),
      ...heading(2, 'Components and their interfaces'),
      ...design.components.flatMap((component) => componentPart(component, facts, design, services)),
      ...heading(2, 'C4 level 3: Component'),
      ...diagrams.components.flatMap((diagram) => [
        ...heading(3, `Inside ${escapeText(diagram.container.name)}`),
        ...mermaidBlock(diagram.code),
      ]),
      ...heading(2, 'Demands on people’s use'),
      ...(answers.length > 0 ? answersTable(answers, facts) : nothingAbout('usability or accessibility')),
    ]),
  };
}

function componentPart(component: Design['components'][number], facts: Facts, design: Design, services: ServiceDesign): string[] {
  const home = services.interfaces.find((one) => one.componentId === component.id);
  const container = services.containers.find((one) => one.id === home?.containerId);
  const uses = component.uses.map(
    (use) =>
      `${escapeText(design.components.find((other) => other.id === use.componentId)?.name ?? use.componentId)} (derived from ${cite(use.evidence)})`,
  );
  const context = [
    `Runs in: ${container === undefined ? 'no container' : escapeText(container.name)}.`,
    `Named by: ${component.evidence[0] === undefined ? ASSUMPTION : quote(component.evidence[0])}.`,
    ...(component.actors.length > 0 ? [`Serves: ${component.actors.map(escapeText).join(', ')}.`] : []),
    ...(component.externals.length > 0 ? [`Talks to: ${component.externals.map(escapeText).join(', ')}.`] : []),
    ...(component.entities.length > 0 ? [`Handles: ${component.entities.map(escapeText).join(', ')}.`] : []),
    ...(uses.length > 0 ? [`Uses: ${uses.join(', ')}.`] : []),
  ];
  const operations = home?.operations ?? [];
  return [
    ...heading(3, `${component.id} ${escapeText(component.name)}`),
    ...bullets(context),
    ...(operations.length > 0
      ? table(
          ['Requirement', 'Operation', 'Works with', 'What the input says'],
          operations.map((operation) => [
            escapeText(operation.requirementId),
            escapeText(operation.name),
            escapeText(operation.input),
            quote(operation.evidence),
          ]),
        )
      : [
          `No functional requirement names an operation of ${escapeText(component.name)}${facts.requirements.length === 0 ? '; the engine read no requirement at all' : ''}.`,
          '',
        ]),
  ];
}
