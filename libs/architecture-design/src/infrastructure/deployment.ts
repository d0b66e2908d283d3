import type { Infrastructure } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { ASSUMPTION, derived, escapeText, quote, quoteAll } from '../document/cite.js';
import { bullets, heading, joinLines, nothingAbout, table } from '../document/markdown.js';
import type { SignalView } from '../pattern/signal-view.js';

/** Section 9 as markdown, headings from level 2. */
export function deploymentBody(
  facts: Facts,
  design: Design,
  services: ServiceDesign,
  nodes: Infrastructure['nodes'],
  signals: SignalView,
): string {
  const named = (id: string): string => services.containers.find((container) => container.id === id)?.name ?? id;
  const units = table(
    ['Deployable', 'Goes to', 'How'],
    services.containers.map((container) => [
      escapeText(container.name),
      escapeText(nodes.find((node) => node.containerIds.includes(container.id))?.name ?? 'nowhere'),
      escapeText(packaging(container.kind, design, facts)),
    ]),
  );
  const runtime = facts.technologies.filter(
    (technology) => ['orchestration', 'operating system', 'hardware'].includes(technology.category) && !technology.rejected,
  );
  const platforms =
    runtime.length === 0
      ? nothingAbout('platforms or tools to deploy on')
      : bullets(
          runtime.map((technology) => `${escapeText(technology.name)} (${technology.category}): ${quoteAll(technology.evidence, 1)}`),
        );
  const environments = signals.positive('environments');
  const rollout =
    environments.length === 0
      ? nothingAbout('environments, release steps or the way back from a bad release')
      : bullets(environments.map(quote));
  const order = nodes.map((node) => node.containerIds.map(named).join(', ')).filter((names) => names !== '');
  return joinLines([
    ...heading(2, 'Deployables'),
    ...units,
    ...heading(2, 'Platforms'),
    ...platforms,
    ...heading(2, 'Environments and releases'),
    ...rollout,
    ...(order.length > 1 && design.hosting.kind !== 'none' && design.hosting.kind !== 'device'
      ? [`Start order: ${order.reverse().map(escapeText).join(' → ')} ${derived(design.hosting.evidence)}.`, '']
      : []),
    ...updateLines(signals, design),
  ]);
}

function packaging(kind: string, design: Design, facts: Facts): string {
  const containers = facts.technologies.find((technology) => technology.category === 'orchestration' && !technology.rejected);
  if (kind === 'interface') return 'released with the server side it talks to';
  if (kind === 'store')
    return design.hosting.kind === 'none' || design.hosting.kind === 'device'
      ? 'created on first start'
      : 'installed once, changed by versioned scripts';
  if (design.pattern.id === 'client-only') return 'a build of static files';
  if (design.pattern.id === 'library') return 'a versioned package';
  if (design.hosting.kind === 'device' || design.hosting.kind === 'none') return 'a versioned release per platform';
  return containers === undefined ? 'a versioned release, replaced as a whole' : `a container image on ${containers.name}`;
}

function updateLines(signals: SignalView, design: Design): string[] {
  const stated = signals.positive('update-mechanism');
  if (stated.length > 0) return [...heading(2, 'Updates'), ...bullets(stated.slice(0, 4).map(quote))];
  if (design.hosting.kind === 'device')
    return [
      ...heading(2, 'Updates'),
      `The input says nothing about updates in the field. Signed update packages are planned ${ASSUMPTION}.`,
      '',
    ];
  return [];
}
