import type { Infrastructure } from '../model/aspects.schema.js';
import type { Container, Design, ServiceDesign } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { signalsOf } from '../pattern/signal-view.js';
import { performanceAnswers, requirementAnswers } from './answers.js';
import { deploymentBody } from './deployment.js';
import { scalingOf } from './scaling.js';

type Node = Infrastructure['nodes'][number];

export function designInfrastructure(facts: Facts, design: Design, services: ServiceDesign): Infrastructure {
  const signals = signalsOf(facts);
  const redundant = [
    ...facts.measures.filter(
      (measure) => measure.kind === 'availability' && Number.parseFloat(/\d+(?:\.\d+)?/.exec(measure.value)?.[0] ?? '0') >= 99.5,
    ),
    ...signals.positive('high-availability'),
  ];
  const nodes = nodesOf(design, services.containers, redundant);
  const zones = zonesOf(design, nodes);
  const rules = rulesOf(design, services, nodes);
  const scaling = services.containers
    .filter((container) => container.kind !== 'host')
    .map((container) => scalingOf(container, facts, design, signals));
  return {
    nodes,
    zones,
    rules,
    scaling,
    answers: [...performanceAnswers(facts, design, services), ...requirementAnswers(facts, design, redundant.length > 0)],
    deployment: deploymentBody(facts, design, services, nodes, signals),
  };
}

interface ZoneNames {
  readonly people: string;
  readonly edge: string;
  readonly entry: string;
  readonly work: string;
  readonly data: string;
}

function zoneNames(design: Design): ZoneNames {
  switch (design.hosting.kind) {
    case 'none':
      return {
        people: 'Person’s own machine',
        edge: 'Person’s own machine',
        entry: 'Person’s own machine',
        work: 'Person’s own machine',
        data: 'Person’s own machine',
      };
    case 'device':
      return { people: 'Device', edge: 'Device', entry: 'Device', work: 'Device', data: 'Device' };
    case 'on-premises':
      return {
        people: 'User network',
        edge: 'Device network',
        entry: 'Entry zone (operator’s network)',
        work: 'Application zone (operator’s network)',
        data: 'Data zone (operator’s network)',
      };
    case 'cloud':
      return { people: 'Internet', edge: 'Field', entry: 'Public subnet', work: 'Private subnet', data: 'Data subnet' };
    default:
      return { people: 'User network', edge: 'Field', entry: 'Entry zone', work: 'Application zone', data: 'Data zone' };
  }
}

function nodesOf(
  design: Design,
  containers: readonly Container[],
  redundant: readonly { readonly text: string; readonly from: number; readonly to: number }[],
): Node[] {
  const names = zoneNames(design);
  const machine = MACHINES[design.hosting.kind];
  const evidence = redundant.slice(0, 2).map((one) => ({ text: one.text, from: one.from, to: one.to }));
  if (design.hosting.kind === 'none' || design.hosting.kind === 'device') {
    const host = containers.filter((container) => container.kind === 'host');
    const rest = containers.filter((container) => container.kind !== 'host');
    const nodes: Node[] = [
      {
        id: 'N1',
        name: design.pattern.id === 'client-only' ? 'Browser of the person' : machine,
        zone: names.work,
        containerIds: rest.map((container) => container.id),
        instances: 'one per installation',
        evidence: design.hosting.evidence.slice(0, 2),
      },
    ];
    if (host.length > 0)
      nodes.push({
        id: 'N2',
        name: design.hosting.cloudExcluded ? 'Web server of the operator' : 'Any web server',
        zone: 'File host',
        containerIds: host.map((container) => container.id),
        instances: 'one',
        evidence: host.flatMap((container) => container.evidence).slice(0, 2),
      });
    return nodes;
  }
  const groups: readonly (readonly [string, string, readonly Container['kind'][]])[] = [
    ['Devices of the people using it', names.people, ['interface']],
    ['Machine beside the sources', names.edge, ['edge']],
    [`Entry ${machine}`, names.entry, ['entry', 'host']],
    [`Application ${machine}`, names.work, ['program', 'service', 'worker', 'broker']],
    [`Data ${machine}`, names.data, ['store']],
  ];
  return groups
    .map(([name, zone, kinds]) => ({ name, zone, kinds, inside: containers.filter((container) => kinds.includes(container.kind)) }))
    .filter((group) => group.inside.length > 0)
    .map((group, index) => {
      const own = group.kinds.includes('interface') || group.kinds.includes('edge');
      const copies = !own && redundant.length > 0;
      return {
        id: `N${index + 1}`,
        name: group.name,
        zone: group.zone,
        containerIds: group.inside.map((container) => container.id),
        instances: own ? 'one per person or site' : copies ? 'two, on separate machines' : 'one',
        evidence: copies ? evidence : design.hosting.evidence.slice(0, 2),
      };
    });
}

const MACHINES: Readonly<Record<Design['hosting']['kind'], string>> = {
  none: 'Machine of the person',
  device: 'The device',
  'on-premises': 'server (own)',
  cloud: 'instance (provider)',
  open: 'host',
};

function zonesOf(design: Design, nodes: readonly Node[]): Infrastructure['zones'] {
  return [...new Set(nodes.map((node) => node.zone))].map((name) => ({ name, purpose: purposeOf(name, design) }));
}

function purposeOf(zone: string, design: Design): string {
  if (/^Data/.test(zone)) return 'data stores; reached only from the application zone';
  if (/^(?:Entry|Public)/.test(zone)) return 'takes calls from outside and passes on the checked ones';
  if (/^(?:Application|Private)/.test(zone)) return 'programs and services; no direct way in from outside';
  if (/^(?:Field|Device network)/.test(zone)) return 'sources of data; may only reach the entry';
  if (zone === 'File host') return 'static files; no data of people';
  return design.hosting.kind === 'none' || design.hosting.kind === 'device'
    ? 'everything that runs and is kept'
    : 'people; outside the trust boundary';
}

/** One rule per link that crosses two zones; anything without a rule is refused. */
function rulesOf(design: Design, services: ServiceDesign, nodes: readonly Node[]): Infrastructure['rules'] {
  const zone = (id: string): string =>
    id.startsWith('actor:')
      ? 'People'
      : id.startsWith('external:')
        ? `${id.slice('external:'.length)} (outside)`
        : (nodes.find((node) => node.containerIds.includes(id))?.zone ?? 'unknown');
  const named = (id: string): string =>
    services.containers.find((container) => container.id === id)?.name ?? id.replace(/^(?:actor|external):/, '');
  return services.links
    .flatMap((link) => {
      if (link.style === 'person' || zone(link.from) === zone(link.to)) return [];
      return [
        {
          from: `${named(link.from)} — ${zone(link.from)}`,
          to: `${named(link.to)} — ${zone(link.to)}`,
          purpose: link.label,
          evidence: link.evidence.slice(0, 1),
        },
      ];
    })
    .slice(0, design.components.length * 4 + 20);
}
