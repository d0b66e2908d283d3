import type { Container, Design, Link, ServiceDesign } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import type { Diagram, DiagramEdge, DiagramNode } from './flowchart.js';
import { renderFlowchart } from './flowchart.js';

const MOST_IN_DIAGRAM = 24;

/** Level 1: the system, the people and the systems around it. */
export function contextDiagram(facts: Facts, design: Design): string {
  const people: DiagramNode[] = facts.actors.map((actor) => ({
    id: `actor:${actor.name}`,
    name: actor.name,
    kind: 'person',
    shape: 'person',
  }));
  const outside: DiagramNode[] = facts.externals.map((external) => ({
    id: `external:${external.name}`,
    name: external.name,
    kind: 'external system',
    shape: 'outside',
  }));
  const edges: DiagramEdge[] = [
    ...people.map((person) => ({ from: person.id, to: 'system', label: 'uses' })),
    ...facts.externals.map((external) =>
      external.direction === 'in'
        ? { from: `external:${external.name}`, to: 'system', label: 'gives data' }
        : { from: 'system', to: `external:${external.name}`, label: external.direction === 'out' ? 'sends to' : 'exchanges with' },
    ),
  ];
  const system: DiagramNode = { id: 'system', name: design.system, kind: 'the system', shape: 'box' };
  return renderFlowchart({
    direction: 'TB',
    nodes: [...people, ...outside],
    groups: [{ id: 'boundary', name: 'System boundary', nodes: [system] }],
    edges,
  });
}

/** Level 2: what runs and what keeps data inside the boundary. */
export function containerDiagram(facts: Facts, design: Design, services: ServiceDesign): string {
  const used = new Set(services.links.flatMap((link) => [link.from, link.to]));
  const around: DiagramNode[] = [
    ...facts.actors
      .filter((actor) => used.has(`actor:${actor.name}`))
      .map((actor): DiagramNode => ({ id: `actor:${actor.name}`, name: actor.name, kind: 'person', shape: 'person' })),
    ...facts.externals
      .filter((external) => used.has(`external:${external.name}`))
      .map((external): DiagramNode => ({
        id: `external:${external.name}`,
        name: external.name,
        kind: 'external system',
        shape: 'outside',
      })),
  ];
  return renderFlowchart({
    direction: 'TB',
    nodes: around,
    groups: [{ id: 'system', name: placedName(design), nodes: services.containers.map(containerNode) }],
    edges: services.links.map(edgeOf),
  });
}

function placedName(design: Design): string {
  if (design.hosting.kind === 'on-premises') return `${design.system}, on the operator’s own machines`;
  if (design.hosting.kind === 'cloud') return `${design.system}, at ${design.hosting.provider ?? 'a cloud provider'}`;
  return design.system;
}

/** Level 3: one diagram per container that runs components; a container with one component shows its operations. */
export function componentDiagrams(
  facts: Facts,
  design: Design,
  services: ServiceDesign,
): readonly { readonly container: Container; readonly code: string }[] {
  return services.containers
    .filter((container) => container.kind !== 'store' && container.componentIds.length > 0)
    .map((container) => ({ container, code: componentDiagram(facts, design, services, container) }));
}

function componentDiagram(facts: Facts, design: Design, services: ServiceDesign, container: Container): string {
  const components = design.components.filter((component) => container.componentIds.includes(component.id));
  const only = components.length === 1 ? components[0] : undefined;
  const operations =
    only === undefined ? [] : (services.interfaces.find((one) => one.componentId === only.id)?.operations ?? []).slice(0, MOST_IN_DIAGRAM);
  const inside: DiagramNode[] = [
    ...components.map((component): DiagramNode => ({ id: component.id, name: component.name, kind: 'component', shape: 'box' })),
    ...operations.map((operation, index): DiagramNode => ({
      id: `op:${index}`,
      name: operation.name,
      kind: operation.requirementId,
      shape: 'box',
    })),
  ];
  const ids = new Set(components.map((component) => component.id));
  const edges: DiagramEdge[] = [
    ...components.flatMap((component) =>
      component.uses.filter((use) => ids.has(use.componentId)).map((use) => ({ from: component.id, to: use.componentId, label: 'uses' })),
    ),
    ...operations.map((_, index) => ({ from: only?.id ?? '', to: `op:${index}`, label: '' })),
  ];
  const outside: DiagramNode[] = [];
  const beside = (node: DiagramNode): void => {
    if (!outside.some((known) => known.id === node.id)) outside.push(node);
  };
  for (const link of services.links) {
    const other = link.from === container.id ? link.to : link.to === container.id ? link.from : null;
    if (other === null) continue;
    const store = services.containers.find((one) => one.id === other);
    if (store === undefined) continue;
    beside(containerNode(store));
    for (const component of components) {
      const uses = store.kind !== 'store' || component.entities.length > 0 || components.length === 1;
      if (uses && (store.kind === 'store' || component === components[0]))
        edges.push(
          link.from === container.id
            ? { from: component.id, to: other, label: link.label }
            : { from: other, to: component.id, label: link.label },
        );
    }
  }
  for (const external of facts.externals) {
    const users = components.filter((component) => component.externals.includes(external.name));
    if (users.length === 0) continue;
    beside({ id: `external:${external.name}`, name: external.name, kind: 'external system', shape: 'outside' });
    for (const user of users)
      edges.push(
        external.direction === 'in'
          ? { from: `external:${external.name}`, to: user.id, label: 'gives data' }
          : { from: user.id, to: `external:${external.name}`, label: 'sends to' },
      );
  }
  const diagram: Diagram = { direction: 'LR', nodes: outside, groups: [{ id: container.id, name: container.name, nodes: inside }], edges };
  return renderFlowchart(diagram);
}

function containerNode(container: Container): DiagramNode {
  const kind = container.technology === null ? KIND_NAMES[container.kind] : `${KIND_NAMES[container.kind]}: ${container.technology}`;
  return { id: container.id, name: container.name, kind, shape: container.kind === 'store' ? 'store' : 'box' };
}

function edgeOf(link: Link): DiagramEdge {
  return { from: link.from, to: link.to, label: link.label, dashed: link.style === 'asynchronous' };
}

export const KIND_NAMES: Readonly<Record<Container['kind'], string>> = {
  interface: 'user interface',
  program: 'program',
  service: 'service',
  worker: 'background process',
  store: 'data store',
  broker: 'message broker',
  entry: 'entry point',
  edge: 'edge software',
  host: 'file host',
};
