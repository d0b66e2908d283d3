import type { Observability } from '../model/aspects.schema.js';
import type { Container, Design, ServiceDesign } from '../model/design.schema.js';
import type { Facts, Measure } from '../model/facts.schema.js';
import { answerable } from '../infrastructure/answers.js';
import { patternById } from '../pattern/patterns.js';
import type { SignalView } from '../pattern/signal-view.js';
import { signalsOf } from '../pattern/signal-view.js';

export function designObservability(facts: Facts, design: Design, services: ServiceDesign): Observability {
  const signals = signalsOf(facts);
  const served = patternById(design.pattern.id).served;
  const objectives = facts.measures.flatMap((measure) => {
    const indicator = indicatorOf(measure, served);
    return indicator === null
      ? []
      : [{ id: measure.id, objective: measure.value, indicator, evidence: { text: measure.text, from: measure.from, to: measure.to } }];
  });
  return {
    objectives,
    signals: services.containers
      .filter((container) => container.kind !== 'host')
      .map((container) => signalsFor(container, facts, design, services, signals, served)),
    alerts: alertsOf(objectives, facts, services, signals, served),
    answers: [
      ...objectives.map((objective) => ({
        id: objective.id,
        answer: `objective: ${objective.indicator}`,
        derivedFrom: [objective.evidence],
      })),
      ...facts.requirements
        .filter(
          (requirement) =>
            answerable(requirement) && (requirement.qualities.includes('observability') || requirement.qualities.includes('performance')),
        )
        .map((requirement) => ({
          id: requirement.id,
          answer: requirement.qualities.includes('observability')
            ? 'by the signals of this section'
            : 'measured as an objective of this section',
          derivedFrom: [{ text: requirement.text, from: requirement.from, to: requirement.to }],
        })),
    ],
  };
}

function indicatorOf(measure: Measure, served: boolean): string | null {
  switch (measure.kind) {
    case 'latency':
      return served
        ? 'time from request to answer, as a histogram per operation'
        : 'time of the operation in a benchmark that runs with every release';
    case 'throughput':
      return served ? 'completed per unit of time, and the backlog' : 'completed per unit of time in a benchmark';
    case 'rate':
      return 'time since the last one, per source';
    case 'frame-rate':
      return 'frame time, the slowest percent shown';
    case 'availability':
      return served ? 'share of successful probes from outside' : null;
    case 'recovery-time':
    case 'recovery-point':
      return 'measured in each recovery drill';
    default:
      return null;
  }
}

function signalsFor(
  container: Container,
  facts: Facts,
  design: Design,
  services: ServiceDesign,
  signals: SignalView,
  served: boolean,
): Observability['signals'][number] {
  const silent = signals.positive('no-tracking').length > 0;
  const operations = services.interfaces
    .filter((one) => one.containerId === container.id)
    .flatMap((one) => one.operations.map((operation) => operation.name));
  const some = operations.slice(0, 3).join('; ');
  const sensitive = ['personal-data', 'health-data', 'payment-data'].some((signal) => signals.has(signal))
    ? '; sensitive fields are masked'
    : '';
  if (!served) {
    const local = design.pattern.id === 'single-program' || design.pattern.id === 'library';
    if (container.kind === 'store')
      return {
        containerId: container.id,
        logs: 'failed reads and writes, shown to the person',
        metrics: 'none leave the machine',
        traces: 'none',
      };
    return {
      containerId: container.id,
      logs: local
        ? 'diagnostics on standard error, amount chosen by the caller; the exit code or error says what failed'
        : `errors with what was tried, kept locally${sensitive}`,
      metrics: silent
        ? 'none: the input rules out tracking'
        : local
          ? 'duration and counts in the verbose output'
          : 'local counters, shown on request',
      traces: 'none: one process, a stack trace is enough',
    };
  }
  const outside = facts.externals
    .filter((external) =>
      services.links.some(
        (link) =>
          (link.from === container.id && link.to === `external:${external.name}`) ||
          (link.to === container.id && link.from === `external:${external.name}`),
      ),
    )
    .map((external) => external.name);
  switch (container.kind) {
    case 'store':
      return {
        containerId: container.id,
        logs: 'slow and failed statements',
        metrics: 'connections, free space, age of the last good backup',
        traces: 'a span per statement, from the caller',
      };
    case 'broker':
      return {
        containerId: container.id,
        logs: 'refused and dead-lettered messages',
        metrics: 'backlog and age of the oldest message, per consumer',
        traces: 'the trace context travels in each message',
      };
    case 'interface':
      return {
        containerId: container.id,
        logs: `errors the person saw${silent ? ', without tracking the person' : ''}`,
        metrics: silent ? 'none about people' : 'load time, failed calls',
        traces: 'starts the trace of each action',
      };
    case 'worker':
      return {
        containerId: container.id,
        logs: `start, end and result of each piece of work${some === '' ? '' : ` (${some})`}${sensitive}`,
        metrics: 'duration, failures, retries, backlog',
        traces: 'a span per piece of work',
      };
    default:
      return {
        containerId: container.id,
        logs: `each operation with its result${some === '' ? '' : ` (${some})`}${sensitive}`,
        metrics: `rate, errors and duration per operation${outside.length > 0 ? `; calls to ${outside.slice(0, 3).join(', ')} apart` : ''}`,
        traces: 'a span per operation and per call to others',
      };
  }
}

function alertsOf(
  objectives: Observability['objectives'],
  facts: Facts,
  services: ServiceDesign,
  signals: SignalView,
  served: boolean,
): Observability['alerts'] {
  if (!served) return [];
  const fromObjectives = objectives
    .filter((objective) => !/drill/.test(objective.indicator))
    .slice(0, 12)
    .map((objective) => ({
      name: `Objective ${objective.id} at risk`,
      condition: `${objective.indicator}: worse than ${objective.objective} for ten minutes`,
      evidence: [objective.evidence],
    }));
  const broker = services.containers.find((container) => container.kind === 'broker');
  return [
    ...fromObjectives,
    ...(broker === undefined
      ? []
      : [
          {
            name: 'Backlog grows',
            condition: `the oldest message of ${broker.name} gets older for ten minutes`,
            evidence: broker.evidence.slice(0, 1),
          },
        ]),
    ...facts.externals.slice(0, 4).map((external) => ({
      name: `${external.name} fails`,
      condition: 'most calls of five minutes fail',
      evidence: external.evidence.slice(0, 1),
    })),
    ...(signals.has('backup')
      ? [
          {
            name: 'Backup too old',
            condition: 'the last good backup is older than planned',
            evidence: [...signals.positive('backup')].slice(0, 1),
          },
        ]
      : []),
  ];
}
