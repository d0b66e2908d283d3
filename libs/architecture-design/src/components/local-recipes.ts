import type { Component } from '../model/design.schema.js';
import type { PatternId } from '../pattern/patterns.js';
import type { Layout, Recipe } from './container-parts.js';
import { isScreen, nameSome, technologyOf } from './container-parts.js';

const idsOf = (components: readonly Component[]): string[] => components.map((component) => component.id);

/** Patterns of which nothing runs on a server. */
export const LOCAL_RECIPES: Readonly<
  Record<Extract<PatternId, 'client-only' | 'single-program' | 'library' | 'local-app' | 'on-device'>, Recipe>
> = {
  'client-only': (layout) => {
    const { facts, design, signals, add } = layout;
    add({
      name: 'Browser application',
      kind: 'program',
      purpose: 'does all the work in the browser',
      componentIds: idsOf(design.components),
      evidence: [...signals.positive('browser-only'), ...signals.positive('browser')].slice(0, 3),
      technology: technologyOf(facts, 'framework', 'language'),
    });
    if (signals.has('persistence') && signals.positive('no-persistence').length === 0)
      add({
        name: 'Browser storage',
        kind: 'store',
        purpose: 'keeps data on the person’s own machine',
        componentIds: [],
        evidence: [...signals.positive('persistence')].slice(0, 3),
        technology: technologyOf(facts, 'browser storage'),
      });
    if (signals.positive('browser-only').some((evidence) => /file:|single html file|double-?click/i.test(evidence.text))) return;
    add({
      name: 'Static file host',
      kind: 'host',
      purpose: 'hands out the application’s files, holds no data',
      componentIds: [],
      evidence: [...signals.positive('browser-only')].slice(0, 2),
    });
  },
  'single-program': (layout) => {
    const { facts, design, signals, add } = layout;
    add({
      name: `${design.system} program`,
      kind: 'program',
      purpose: 'one process, started by a person or a script',
      componentIds: idsOf(design.components),
      evidence: [...signals.positive('command-line')].slice(0, 3),
      technology: technologyOf(facts, 'language', 'framework'),
    });
    addLocalFiles(layout);
  },
  library: (layout) => {
    const { facts, design, signals, add } = layout;
    add({
      name: `${design.system} library`,
      kind: 'program',
      purpose: 'runs inside the calling program',
      componentIds: idsOf(design.components),
      evidence: [...signals.positive('library')].slice(0, 3),
      technology: technologyOf(facts, 'language'),
    });
    addLocalFiles(layout);
  },
  'local-app': (layout) => {
    const { facts, design, signals, add } = layout;
    const basis = [
      ...signals.positive('desktop'),
      ...signals.positive('on-device'),
      ...signals.positive('mobile'),
      ...signals.positive('game'),
    ].slice(0, 3);
    add({
      name: signals.has('mobile') && !signals.has('desktop') ? 'Mobile app' : 'Application',
      kind: 'program',
      purpose: 'installed on the person’s own machine',
      componentIds: idsOf(design.components),
      evidence: basis,
      technology: technologyOf(facts, 'framework', 'language'),
    });
    if (signals.has('persistence') && signals.positive('no-persistence').length === 0)
      add({
        name: 'Local storage',
        kind: 'store',
        purpose: `keeps ${nameSome(facts.entities.map((entity) => entity.name))}`,
        componentIds: [],
        evidence: [...signals.positive('persistence')].slice(0, 3),
        technology: technologyOf(facts, 'embedded database'),
      });
  },
  'on-device': (layout) => {
    const { facts, design, signals, add } = layout;
    const screens = design.components.filter((component) => isScreen(component));
    const rest = design.components.filter((component) => !screens.includes(component));
    add({
      name: 'Device software',
      kind: 'program',
      purpose: 'runs on the device and goes on alone',
      componentIds: idsOf(rest.length > 0 ? rest : design.components),
      evidence: [...signals.positive('embedded'), ...signals.positive('on-device')].slice(0, 3),
      technology: technologyOf(facts, 'language', 'framework', 'hardware'),
    });
    if (rest.length > 0)
      for (const screen of screens)
        add({
          name: screen.name,
          kind: 'interface',
          purpose: 'named by the input as a part people use',
          componentIds: [screen.id],
          evidence: screen.evidence,
        });
    if (signals.has('persistence') && signals.positive('no-persistence').length === 0)
      add({
        name: 'Local storage',
        kind: 'store',
        purpose: 'keeps settings and data on the device',
        componentIds: [],
        evidence: [...signals.positive('persistence')].slice(0, 3),
        technology: technologyOf(facts, 'embedded database'),
      });
  },
};

function addLocalFiles(layout: Layout): void {
  const { signals, add } = layout;
  if (!signals.has('files')) return;
  add({
    name: 'Local files',
    kind: 'store',
    purpose: 'what the program reads and writes',
    componentIds: [],
    evidence: [...signals.positive('files')].slice(0, 3),
  });
}
