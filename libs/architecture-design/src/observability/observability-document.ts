import type { Observability } from '../model/aspects.schema.js';
import type { ServiceDesign } from '../model/design.schema.js';
import type { DocumentFile } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { answersTable } from '../document/answers-table.js';
import { derived, escapeText, quote, quoteAll } from '../document/cite.js';
import { ENGINE_NOTE, heading, joinLines, nothingAbout, paragraph, table } from '../document/markdown.js';
import { signalsOf } from '../pattern/signal-view.js';

export function observabilityDocument(facts: Facts, services: ServiceDesign, observability: Observability): DocumentFile {
  const signals = signalsOf(facts);
  const stated = ['logging', 'monitoring', 'tracing', 'alerting'].flatMap((id) => [...signals.positive(id)]);
  const silent = signals.positive('no-tracking');
  const named = (id: string): string => escapeText(services.containers.find((container) => container.id === id)?.name ?? id);
  const rows = observability.signals;
  return {
    path: '07-observability.md',
    mediaType: 'text/markdown',
    content: joinLines([
      ...heading(1, 'Observability Architecture'),
      ...paragraph(`_${ENGINE_NOTE}_`),
      ...heading(2, 'What the input asks for'),
      ...(stated.length > 0
        ? [...new Set(stated.slice(0, 8).map((evidence) => `- ${quote(evidence)}`)), '']
        : nothingAbout('logs, metrics, traces or alerts')),
      ...(silent.length > 0 ? paragraph(`What people do is not tracked: ${quoteAll(silent, 2)}.`) : []),
      ...heading(2, 'Service level objectives'),
      ...(observability.objectives.length > 0
        ? table(
            ['ID', 'Objective', 'Indicator (derived)', 'What the input says'],
            observability.objectives.map((objective) => [
              objective.id,
              escapeText(objective.objective),
              objective.indicator,
              quote(objective.evidence),
            ]),
          )
        : nothingAbout('numbers that could be objectives')),
      ...heading(2, 'Logging'),
      ...table(
        ['Container', 'Logged (derived from the operations of section 4)'],
        rows.map((row) => [named(row.containerId), escapeText(row.logs)]),
      ),
      ...heading(2, 'Metrics'),
      ...table(
        ['Container', 'Measured (derived)'],
        rows.map((row) => [named(row.containerId), escapeText(row.metrics)]),
      ),
      ...heading(2, 'Tracing'),
      ...table(
        ['Container', 'Traced (derived)'],
        rows.map((row) => [named(row.containerId), escapeText(row.traces)]),
      ),
      ...heading(2, 'Alerting'),
      ...(observability.alerts.length > 0
        ? table(
            ['Alert', 'Condition (derived)', 'Reason'],
            observability.alerts.map((alert) => [escapeText(alert.name), escapeText(alert.condition), derived(alert.evidence)]),
          )
        : paragraph('Nothing runs that could alert anybody, or the input gives no number to alert on.')),
      ...heading(2, 'Requirements and numbers answered here'),
      ...(observability.answers.length > 0 ? answersTable(observability.answers, facts) : nothingAbout('demands on observability')),
    ]),
  };
}
