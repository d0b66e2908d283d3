import type { DataDesign } from '../model/aspects.schema.js';
import type { Design } from '../model/design.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { answersTable } from '../document/answers-table.js';
import { ASSUMPTION, derived, escapeText, quote, quoteAll } from '../document/cite.js';
import { bullets, ENGINE_NOTE, heading, joinLines, nothingAbout, paragraph, table } from '../document/markdown.js';

export function dataDocument(facts: Facts, design: Design, data: DataDesign): DocumentFile {
  const owner = (ids: readonly string[]): string =>
    ids.map((id) => escapeText(design.components.find((component) => component.id === id)?.name ?? id)).join(', ');
  const sensitive = data.entities.filter((entity) => entity.classes.length > 0);
  return {
    path: '04-data.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'Data Architecture'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...heading(2, 'Data model'),
      ...(data.entities.length > 0
        ? table(
            ['Entity', 'Attributes in the input', 'Used by', 'What the input says'],
            data.entities.map((entity) => [
              escapeText(entity.name),
              entity.attributes.length > 0 ? entity.attributes.map(escapeText).join(', ') : 'none stated',
              owner(entity.componentIds),
              quoteAll(entity.evidence, 1),
            ]),
          )
        : nothingAbout('things that are stored or exchanged')),
      ...heading(3, 'Relations'),
      ...(data.relations.length > 0
        ? table(
            ['From', 'To', 'Named together in'],
            data.relations.map((relation) => [escapeText(relation.from), escapeText(relation.to), quote(relation.evidence)]),
          )
        : nothingAbout('how these things relate to each other')),
      ...heading(2, 'Storage'),
      ...(data.stores.length > 0
        ? table(
            ['Store', 'Kind', 'Technology', 'Keeps', 'Reason'],
            data.stores.map((store) => [
              escapeText(store.name),
              store.kind,
              store.named ? `${escapeText(store.product)}, named by the input` : `${escapeText(store.product)} ${ASSUMPTION}`,
              store.entities.map(escapeText).join(', '),
              `${escapeText(store.reason)} ${derived(store.evidence)}`,
            ]),
          )
        : paragraph('No store is planned: the input asks for nothing to be kept, or rules it out.')),
      ...heading(2, 'Data flow'),
      ...(data.flows.length > 0
        ? table(
            ['From', 'To', 'What', 'What the input says'],
            data.flows.map((flow) => [escapeText(flow.from), escapeText(flow.to), escapeText(flow.what), quote(flow.evidence)]),
          )
        : nothingAbout('data that moves between parts')),
      ...heading(2, 'Data classes'),
      ...(sensitive.length > 0
        ? table(
            ['Entity', 'Class (derived)', 'Reason'],
            sensitive.map((entity) => [escapeText(entity.name), entity.classes.join(', '), derived(entity.evidence)]),
          )
        : nothingAbout('personal, health, payment or location data')),
      ...heading(2, 'Amounts and retention'),
      ...(data.answers.length > 0 ? answersTable(data.answers, facts) : nothingAbout('amounts of data or how long it is kept')),
      ...heading(2, 'Data migration'),
      ...(data.migration === null
        ? nothingAbout('existing data, so no migration is planned')
        : [
            ...bullets(data.migration.evidence.slice(0, 5).map(quote)),
            ...data.migration.steps.map((step, index) => `${index + 1}. ${step}`),
            '',
          ]),
    ]),
  };
}
