import type { Component, Container, Design } from '../model/design.schema.js';
import type { Evidence } from '../model/evidence.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { lastWord, singular } from '../language/words.js';
import type { SignalView } from '../pattern/signal-view.js';

/** What a recipe needs to lay a pattern out as containers. */
export interface Layout {
  readonly facts: Facts;
  readonly design: Design;
  readonly signals: SignalView;
  readonly add: (container: Omit<Container, 'id' | 'technology'> & { readonly technology?: string | null }) => string;
}

/** Adds the containers of one pattern; only what the facts give a reason for. */
export type Recipe = (layout: Layout) => void;

const SCREEN_HEADS = new Set([
  'app',
  'application',
  'console',
  'portal',
  'dashboard',
  'client',
  'website',
  'ui',
  'frontend',
  'interface',
  'terminal',
  'kiosk',
  'display',
]);
const EDGE_HEADS = new Set(['gateway', 'firmware', 'agent', 'device', 'controller', 'collector', 'unit', 'bootloader', 'hub']);

export function isScreen(component: Component): boolean {
  return component.basis === 'part' && SCREEN_HEADS.has(singular(lastWord(component.name)));
}

export function isEdge(component: Component): boolean {
  return component.basis === 'part' && EDGE_HEADS.has(singular(lastWord(component.name)));
}

export function technologyOf(facts: Facts, ...categories: readonly string[]): string | null {
  for (const category of categories) {
    const named = facts.technologies
      .filter((technology) => technology.category === category && !technology.rejected)
      .map((technology) => technology.name);
    if (named.length > 0) return named.slice(0, 2).join(', ');
  }
  return null;
}

/** Containers for people: parts the input names as screens, else a web or mobile interface where it speaks of one. */
export function addInterfaces(layout: Layout): readonly string[] {
  const { facts, design, signals, add } = layout;
  const screens = design.components.filter(isScreen).map((component) =>
    add({
      name: component.name,
      kind: 'interface',
      purpose: 'named by the input as a part people use',
      componentIds: [component.id],
      evidence: component.evidence,
      technology: technologyOf(facts, 'framework'),
    }),
  );
  if (screens.length > 0) return screens;
  const ids: string[] = [];
  if (signals.has('mobile'))
    ids.push(
      add({
        name: 'Mobile app',
        kind: 'interface',
        purpose: 'what people use on a phone or tablet',
        componentIds: [],
        evidence: [...signals.positive('mobile')].slice(0, 3),
      }),
    );
  const web: readonly Evidence[] = [...signals.positive('web-ui')].slice(0, 3);
  if (signals.has('web-ui') && (ids.length === 0 || signals.has('browser')))
    ids.push(
      add({
        name: 'Web interface',
        kind: 'interface',
        purpose: 'what people use in a browser',
        componentIds: [],
        evidence: [...web],
        technology: technologyOf(facts, 'framework'),
      }),
    );
  if (ids.length === 0 && facts.actors.length > 0 && !signals.has('http-api') && !signals.has('command-line')) {
    ids.push(
      add({
        name: 'User interface',
        kind: 'interface',
        purpose: 'what people use; the input names its users but not the kind of screen',
        componentIds: [],
        evidence: facts.actors.flatMap((actor) => actor.evidence.slice(0, 1)).slice(0, 3),
      }),
    );
  }
  return ids;
}

export function addMainStore(layout: Layout): string | null {
  const { facts, signals, add } = layout;
  if (facts.entities.length === 0 && !signals.has('persistence')) return null;
  if (signals.positive('no-persistence').length > 0) return null;
  const series = signals.has('stream') && signals.positive('stream').length >= 2;
  const evidence =
    facts.entities.length > 0
      ? facts.entities.flatMap((entity) => entity.evidence.slice(0, 1)).slice(0, 4)
      : [...signals.positive('persistence')].slice(0, 3);
  const named = technologyOf(
    facts,
    'relational database',
    'document database',
    'wide-column database',
    'time-series database',
    'embedded database',
  );
  const id = add({
    name: 'Main database',
    kind: 'store',
    purpose: `keeps ${nameSome(facts.entities.map((entity) => entity.name).filter((name) => !series || !SERIES.test(name)))}`,
    componentIds: [],
    evidence,
    technology: named,
  });
  if (series)
    add({
      name: 'Time-series store',
      kind: 'store',
      purpose: 'keeps readings in order of time',
      componentIds: [],
      evidence: [...signals.positive('stream')].slice(0, 3),
      technology: technologyOf(facts, 'time-series database'),
    });
  return id;
}

/** Names of things that come as a series in time. */
export const SERIES = /\b(?:readings?|measurements?|samples?|telemetry|positions?|ticks?|data points?)\b/i;

export function addFileStore(layout: Layout): string | null {
  const { facts, signals, add } = layout;
  if (!signals.has('upload') || !signals.has('files') || signals.positive('no-persistence').length > 0) return null;
  return add({
    name: 'File store',
    kind: 'store',
    purpose: 'keeps uploaded files',
    componentIds: [],
    evidence: [...signals.positive('upload')].slice(0, 3),
    technology: technologyOf(facts, 'file storage'),
  });
}

export function nameSome(names: readonly string[], limit = 5): string {
  if (names.length === 0) return 'what the requirements say is kept';
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
