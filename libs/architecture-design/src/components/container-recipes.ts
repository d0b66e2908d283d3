import type { Component } from '../model/design.schema.js';
import type { PatternId } from '../pattern/patterns.js';
import type { Layout, Recipe } from './container-parts.js';
import { addFileStore, addInterfaces, addMainStore, isEdge, isScreen, nameSome, technologyOf } from './container-parts.js';
import { LOCAL_RECIPES } from './local-recipes.js';
import { stageOf } from './stages.js';

const idsOf = (components: readonly Component[]): string[] => components.map((component) => component.id);

/** How each pattern is cut into containers. Only what the facts give a reason for is added. */
export const RECIPES: Readonly<Record<PatternId, Recipe>> = {
  ...LOCAL_RECIPES,
  'modular-monolith': (layout) => {
    addInterfaces(layout);
    addServerSide(
      layout,
      layout.design.components.filter((component) => !isScreen(component)),
      'Application server',
    );
  },
  serverless: (layout) => {
    const { design, signals, add } = layout;
    addInterfaces(layout);
    add({
      name: 'API entry',
      kind: 'entry',
      purpose: 'the only way in; checks who calls and starts functions',
      componentIds: [],
      evidence: [...signals.positive('wants-serverless')].slice(0, 2),
    });
    for (const component of design.components.filter((one) => !isScreen(one)))
      add({
        name: `${component.name} functions`,
        kind: 'service',
        purpose: 'functions run on demand',
        componentIds: [component.id],
        evidence: component.evidence,
      });
    addMainStore(layout);
    addFileStore(layout);
  },
  services: (layout) => {
    const { facts, design, signals, add } = layout;
    addInterfaces(layout);
    add({
      name: 'API gateway',
      kind: 'entry',
      purpose: 'the only way in; checks who calls and forwards',
      componentIds: [],
      evidence: [...signals.positive('http-api'), ...signals.positive('wants-services')].slice(0, 2),
    });
    for (const component of design.components.filter((one) => !isScreen(one))) {
      add({
        name: `${component.name} service`,
        kind: 'service',
        purpose: `answers ${component.requirementIds.length} requirement(s) of its own`,
        componentIds: [component.id],
        evidence: component.evidence,
        technology: technologyOf(facts, 'framework', 'language'),
      });
      if (component.entities.length > 0)
        add({
          name: `${component.name} data`,
          kind: 'store',
          purpose: `keeps ${nameSome(component.entities)}`,
          componentIds: [component.id],
          evidence: component.evidence,
          technology: technologyOf(facts, 'relational database', 'document database'),
        });
    }
    addFileStore(layout);
    addBroker(layout);
  },
  'event-driven': (layout) => {
    const { facts, design, signals, add } = layout;
    addInterfaces(layout);
    const open = design.components.filter((component) => !isScreen(component));
    for (const edge of open.filter(isEdge))
      add({
        name: edge.name,
        kind: 'edge',
        purpose: 'stands beside the sources and passes their data on',
        componentIds: [edge.id],
        evidence: edge.evidence,
      });
    const rest = open.filter((component) => !isEdge(component));
    const staged = Map.groupBy(rest, (component) => stageOf(component, facts));
    const taking = staged.get('take-in') ?? [];
    add({
      name: 'Ingestion',
      kind: 'entry',
      purpose: 'takes data from the sources, checks it and puts it on the broker',
      componentIds: idsOf(taking),
      evidence: [...signals.positive('stream'), ...signals.positive('devices')].slice(0, 3),
    });
    addBroker(layout, true);
    const working = staged.get('work') ?? [];
    if (working.length > 0 || taking.length === 0)
      add({
        name: 'Stream processing',
        kind: 'worker',
        purpose: 'reacts to events in order per source',
        componentIds: idsOf(working),
        evidence: working.flatMap((component) => component.evidence.slice(0, 1)).slice(0, 3),
      });
    const handing = staged.get('hand-out') ?? [];
    if (handing.length > 0)
      add({
        name: 'Query and notification service',
        kind: 'service',
        purpose: 'answers what people and other systems ask',
        componentIds: idsOf(handing),
        evidence: handing.flatMap((component) => component.evidence.slice(0, 1)).slice(0, 3),
        technology: technologyOf(facts, 'framework', 'language'),
      });
    addMainStore(layout);
    addFileStore(layout);
  },
  'batch-pipeline': (layout) => {
    const { facts, design, signals, add } = layout;
    addInterfaces(layout);
    const open = design.components.filter((component) => !isScreen(component));
    const staged = Map.groupBy(open, (component) => stageOf(component, facts));
    add({
      name: 'Scheduler',
      kind: 'entry',
      purpose: 'starts the stages, restarts a failed one',
      componentIds: [],
      evidence: [...signals.positive('scheduled'), ...signals.positive('etl'), ...signals.positive('batch')].slice(0, 2),
    });
    const stages = [
      ['take-in', 'Extract stage', 'takes data in as it is'],
      ['work', 'Transform stage', 'checks and changes the data'],
      ['hand-out', 'Publish stage', 'hands the results on'],
    ] as const;
    for (const [stage, name, purpose] of stages) {
      const components = staged.get(stage) ?? [];
      if (components.length > 0)
        add({
          name,
          kind: 'worker',
          purpose,
          componentIds: idsOf(components),
          evidence: components.flatMap((component) => component.evidence.slice(0, 1)).slice(0, 3),
          technology: technologyOf(facts, 'language', 'framework'),
        });
    }
    addMainStore(layout);
  },
  'realtime-server': (layout) => {
    const { facts, design, signals, add } = layout;
    if (design.components.some(isScreen)) addInterfaces(layout);
    else
      add({
        name: signals.has('game') ? 'Game client' : 'Client',
        kind: 'interface',
        purpose: 'shows the state and sends what the person does',
        componentIds: [],
        evidence: [...signals.positive('game'), ...signals.positive('multiplayer')].slice(0, 2),
        technology: technologyOf(facts, 'framework'),
      });
    addServerSide(
      layout,
      design.components.filter((component) => !isScreen(component)),
      'Real-time server',
    );
  },
};

function addServerSide(layout: Layout, components: readonly Component[], name: string): void {
  const { facts, signals, add } = layout;
  const evidence = [
    ...signals.positive('http-api'),
    ...signals.positive('server'),
    ...signals.positive('wants-monolith'),
    ...signals.positive('multiplayer'),
  ].slice(0, 2);
  add({
    name,
    kind: 'program',
    purpose: 'holds the modules and their rules',
    componentIds: idsOf(components),
    evidence: evidence.length > 0 ? evidence : components.flatMap((component) => component.evidence.slice(0, 1)).slice(0, 2),
    technology: technologyOf(facts, 'framework', 'language'),
  });
  const background = [...signals.positive('background'), ...signals.positive('scheduled')];
  if (background.length > 0)
    add({
      name: 'Background worker',
      kind: 'worker',
      purpose: 'does scheduled and slow work outside a request',
      componentIds: [],
      evidence: background.slice(0, 3),
    });
  addMainStore(layout);
  addFileStore(layout);
}

function addBroker(layout: Layout, always = false): void {
  const { facts, signals, add } = layout;
  const evidence = [...signals.positive('wants-events'), ...signals.positive('notifications'), ...signals.positive('background')];
  if (signals.excludes('wants-events') || (!always && evidence.length === 0)) return;
  add({
    name: 'Message broker',
    kind: 'broker',
    purpose: 'passes events on, keeps them until they are handled',
    componentIds: [],
    evidence: (always ? [...signals.positive('wants-events'), ...signals.positive('stream')] : evidence).slice(0, 3),
    technology: technologyOf(facts, 'message broker'),
  });
}
