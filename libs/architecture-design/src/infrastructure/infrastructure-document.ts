import type { Infrastructure } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { answersTable } from '../document/answers-table.js';
import { derived, escapeText, quoteAll } from '../document/cite.js';
import { bodyOf, ENGINE_NOTE, heading, joinLines, nothingAbout, paragraph, table } from '../document/markdown.js';
import { signalsOf } from '../pattern/signal-view.js';

export function infrastructureDocument(
  facts: Facts,
  design: Design,
  services: ServiceDesign,
  infrastructure: Infrastructure,
): DocumentFile {
  const named = (id: string): string => escapeText(services.containers.find((container) => container.id === id)?.name ?? id);
  const backups = signalsOf(facts).positive('backup');
  return {
    path: '05-infrastructure.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'Infrastructure Architecture'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...heading(2, 'Where it runs'),
      ...paragraph(
        design.hosting.kind === 'open'
          ? 'The input says nothing about where the system runs; nodes are named by their job.'
          : `${design.hosting.reason.replace(/^./, (letter) => letter.toUpperCase())}${design.hosting.provider === null ? '' : ` (${escapeText(design.hosting.provider)})`} ${design.hosting.evidence.length > 0 ? derived(design.hosting.evidence) : '(derived from the pattern)'}.`,
      ),
      ...(design.hosting.evidence.length > 0 ? [quoteAll(design.hosting.evidence, 3), ''] : []),
      ...table(
        ['Node', 'Zone', 'Runs', 'Instances', 'Reason'],
        infrastructure.nodes.map((node) => [
          escapeText(node.name),
          escapeText(node.zone),
          node.containerIds.map(named).join(', '),
          node.instances,
          node.evidence.length > 0 ? derived(node.evidence) : '(derived from the pattern)',
        ]),
      ),
      ...heading(2, 'Networking'),
      ...table(
        ['Zone', 'Purpose'],
        infrastructure.zones.map((zone) => [escapeText(zone.name), zone.purpose]),
      ),
      ...(infrastructure.rules.length > 0
        ? [
            ...paragraph('Allowed connections; everything else is refused:'),
            ...table(
              ['From', 'To', 'Purpose', 'Reason'],
              infrastructure.rules.map((rule) => [
                escapeText(rule.from),
                escapeText(rule.to),
                rule.purpose,
                rule.evidence.length > 0 ? derived(rule.evidence) : '(derived from the pattern)',
              ]),
            ),
          ]
        : paragraph('No connection crosses a zone; inbound connections are refused.')),
      ...heading(2, 'Scaling'),
      ...table(
        ['Container', 'Strategy', 'Reason'],
        infrastructure.scaling.map((row) => [
          named(row.containerId),
          row.strategy,
          row.evidence.length > 0 ? derived(row.evidence) : '(derived from the pattern)',
        ]),
      ),
      ...heading(2, 'Backup and recovery'),
      ...(backups.length > 0 ? [quoteAll(backups, 4), ''] : nothingAbout('backup or recovery')),
      ...heading(2, 'Requirements and numbers answered here'),
      ...(infrastructure.answers.length > 0 ? answersTable(infrastructure.answers, facts) : nothingAbout('load, availability or recovery')),
      ...heading(2, 'Deployment'),
      ...bodyOf(infrastructure.deployment, 1),
    ]),
  };
}
