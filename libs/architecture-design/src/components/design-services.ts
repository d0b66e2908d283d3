import type { Component, Container, Design, Link, ServiceDesign } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { signalsOf } from '../pattern/signal-view.js';
import { RECIPES } from './container-recipes.js';
import { operationsOf } from './operations.js';
import type { PatternId } from '../pattern/patterns.js';

/** Containers, the links between them and the operations of each component. */
export function designServices(facts: Facts, design: Design): ServiceDesign {
  const signals = signalsOf(facts);
  const containers: Container[] = [];
  RECIPES[design.pattern.id as PatternId]({
    facts,
    design,
    signals,
    add: (container) => {
      const id = `K${containers.length + 1}`;
      containers.push({ ...container, id, technology: container.technology ?? null });
      return id;
    },
  });
  const requirements = new Map(facts.requirements.map((requirement) => [requirement.id, requirement]));
  const homes = homesOf(containers);
  return {
    containers,
    links: [
      ...peopleLinks(facts, design, containers, homes),
      ...innerLinks(design, containers, homes),
      ...outerLinks(facts, design, containers, homes),
    ],
    interfaces: design.components.flatMap((component) => {
      const home = homes.get(component.id);
      return home === undefined
        ? []
        : [{ containerId: home.id, componentId: component.id, operations: operationsOf(component, requirements) }];
    }),
  };
}

/** The container a component runs in; stores hold data of components but run none. */
export function homesOf(containers: readonly Container[]): ReadonlyMap<string, Container> {
  const homes = new Map<string, Container>();
  for (const container of containers)
    if (container.kind !== 'store') for (const id of container.componentIds) if (!homes.has(id)) homes.set(id, container);
  return homes;
}

const of = (containers: readonly Container[], ...kinds: readonly Container['kind'][]): readonly Container[] =>
  containers.filter((container) => kinds.includes(container.kind));

function peopleLinks(facts: Facts, design: Design, containers: readonly Container[], homes: ReadonlyMap<string, Container>): Link[] {
  const screens = of(containers, 'interface');
  const program = of(containers, 'program')[0] ?? of(containers, 'entry', 'service')[0] ?? containers[0];
  return facts.actors.flatMap((actor) => {
    const named = screens.filter((screen) =>
      screen.componentIds.some((id) => design.components.some((component) => component.id === id && component.actors.includes(actor.name))),
    );
    const own = design.components
      .filter((component) => component.actors.includes(actor.name))
      .map((component) => homes.get(component.id))
      .filter((home) => home?.kind === 'interface');
    const target = named[0] ?? own[0] ?? screens[0] ?? program;
    return target === undefined
      ? []
      : [{ from: `actor:${actor.name}`, to: target.id, style: 'person' as const, label: 'uses', evidence: actor.evidence.slice(0, 2) }];
  });
}

function innerLinks(design: Design, containers: readonly Container[], homes: ReadonlyMap<string, Container>): Link[] {
  const links = new Map<string, Link>();
  const link = (
    from: Container | undefined,
    to: Container | undefined,
    style: Link['style'],
    label: string,
    evidence: Link['evidence'],
  ): void => {
    if (from === undefined || to === undefined || from.id === to.id || links.has(`${from.id} ${to.id}`) || links.has(`${to.id} ${from.id}`))
      return;
    links.set(`${from.id} ${to.id}`, { from: from.id, to: to.id, style, label, evidence: evidence.slice(0, 2) });
  };
  const entry = of(containers, 'entry')[0];
  const broker = of(containers, 'broker')[0];
  const programs = of(containers, 'program', 'service', 'worker');
  const front =
    design.pattern.id === 'event-driven' || design.pattern.id === 'batch-pipeline'
      ? (of(containers, 'service')[0] ?? of(containers, 'worker').at(-1))
      : (entry ?? programs[0]);
  for (const screen of of(containers, 'interface'))
    link(screen, front, 'synchronous', design.pattern.id === 'realtime-server' ? 'keeps a connection' : 'calls', screen.evidence);
  for (const edge of of(containers, 'edge')) link(edge, entry ?? programs[0], 'asynchronous', 'passes data on', edge.evidence);
  if (design.pattern.id === 'services' || design.pattern.id === 'serverless')
    for (const service of of(containers, 'service')) link(entry, service, 'synchronous', 'forwards', service.evidence);
  if (design.pattern.id === 'event-driven') {
    link(entry, broker, 'asynchronous', 'publishes', entry?.evidence ?? []);
    for (const consumer of of(containers, 'worker')) link(broker, consumer, 'asynchronous', 'delivers', consumer.evidence);
  } else if (design.pattern.id === 'batch-pipeline') {
    for (const stage of of(containers, 'worker')) link(entry, stage, 'call', 'starts', stage.evidence);
  }
  const host = of(containers, 'host')[0];
  link(host, of(containers, 'program')[0], 'file', 'hands out files', host?.evidence ?? []);
  const worker = of(containers, 'worker')[0];
  if (design.pattern.id === 'modular-monolith' || design.pattern.id === 'realtime-server')
    link(of(containers, 'program')[0], worker, 'asynchronous', 'queues work', worker?.evidence ?? []);
  for (const component of design.components) {
    for (const use of component.uses) {
      const from = homes.get(component.id);
      const to = homes.get(use.componentId);
      if (
        broker !== undefined &&
        design.pattern.id === 'services' &&
        from !== undefined &&
        to !== undefined &&
        from.id !== to.id &&
        ANNOUNCES.test(use.evidence.text)
      ) {
        link(from, broker, 'asynchronous', 'publishes', [use.evidence]);
        link(broker, to, 'asynchronous', 'delivers', [use.evidence]);
      } else if (from?.kind !== 'interface' && to?.kind !== 'interface' && to?.kind !== 'edge')
        link(from, to, 'synchronous', 'asks', [use.evidence]);
    }
  }
  for (const store of of(containers, 'store')) {
    const users =
      store.componentIds.length > 0
        ? programs.filter((program) => program.componentIds.some((id) => store.componentIds.includes(id)))
        : programs;
    for (const user of users) link(user, store, 'storage', 'reads and writes', store.evidence);
  }
  return [...links.values()];
}

const ANNOUNCES = /\b(?:notif\w*|when(?:ever)?|after|event\w*|asynchron\w*|queue\w*|inform\w*|e-?mails?|alert\w*)\b/i;

function outerLinks(facts: Facts, design: Design, containers: readonly Container[], homes: ReadonlyMap<string, Container>): Link[] {
  const fallback = of(containers, 'program')[0] ?? of(containers, 'service')[0] ?? of(containers, 'entry', 'worker')[0];
  return facts.externals.flatMap((external) => {
    const owner = design.components.find((component: Component) => component.externals.includes(external.name));
    const home = (owner === undefined ? undefined : homes.get(owner.id)) ?? fallback;
    if (home === undefined) return [];
    const outside = `external:${external.name}`;
    const style: Link['style'] = external.evidence.some((evidence) => /\b(?:file|csv|sftp|export|nightly|batch)\b/i.test(evidence.text))
      ? 'file'
      : 'call';
    const evidence = external.evidence.slice(0, 2);
    return external.direction === 'in'
      ? [{ from: outside, to: home.id, style, label: 'gives data', evidence }]
      : [{ from: home.id, to: outside, style, label: external.direction === 'out' ? 'sends to' : 'exchanges with', evidence }];
  });
}
