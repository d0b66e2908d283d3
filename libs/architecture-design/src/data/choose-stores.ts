import type { Container, Design, ServiceDesign } from '../model/design.schema.js';
import type { DataDesign } from '../model/aspects.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { SERIES } from '../components/container-parts.js';
import type { SignalView } from '../pattern/signal-view.js';

type Store = DataDesign['stores'][number];

/** The kind of each store follows from the pattern and from what is kept; a product the input names wins over the default. */
export function chooseStores(facts: Facts, design: Design, services: ServiceDesign, signals: SignalView): Store[] {
  return services.containers
    .filter((container) => container.kind === 'store')
    .map((container) => {
      const owned = design.components
        .filter((component) => container.componentIds.includes(component.id))
        .flatMap((component) => component.entities);
      const choice = kindOf(container, design, signals, owned);
      const entities =
        container.componentIds.length === 0
          ? keptIn(
              container,
              facts,
              choice.kind,
              services.containers.some((one) => one.name === 'Time-series store'),
            )
          : owned;
      return {
        containerId: container.id,
        name: container.name,
        kind: choice.kind,
        product: container.technology ?? choice.product,
        named: container.technology !== null,
        reason: choice.reason,
        evidence: [...(choice.evidence.length > 0 ? choice.evidence : container.evidence)].slice(0, 3),
        entities: [...new Set(entities)],
      };
    });
}

function keptIn(container: Container, facts: Facts, kind: string, series: boolean): string[] {
  if (kind === 'file store' || kind === 'local files')
    return facts.entities.filter((entity) => FILES.test(entity.name)).map((entity) => entity.name);
  if (container.name === 'Time-series store')
    return facts.entities.filter((entity) => SERIES.test(entity.name)).map((entity) => entity.name);
  return facts.entities.map((entity) => entity.name).filter((name) => !series || !SERIES.test(name));
}

const FILES = /\b(?:files?|documents?|photos?|images?|videos?|attachments?|pdfs?|scans?|recordings?|reports?)\b/i;

function kindOf(
  container: Container,
  design: Design,
  signals: SignalView,
  owned: readonly string[],
): Pick<Store, 'kind' | 'product' | 'reason'> & { readonly evidence: Store['evidence'] } {
  const because = (id: string): Store['evidence'] => [...signals.positive(id)].slice(0, 3);
  if (design.pattern.id === 'client-only')
    return {
      kind: 'browser storage',
      product: 'IndexedDB',
      reason: 'there is no server to keep data on',
      evidence: because('browser-only'),
    };
  if (container.name === 'Local files')
    return {
      kind: 'local files',
      product: 'the file system',
      reason: 'a single program reads and writes files where it runs',
      evidence: because('files'),
    };
  if (design.pattern.id === 'on-device')
    return {
      kind: 'embedded store',
      product: 'the device’s flash memory',
      reason: 'the device has to go on alone',
      evidence: because('embedded'),
    };
  if (design.pattern.id === 'local-app')
    return { kind: 'embedded database', product: 'SQLite', reason: 'data stays on the person’s own machine', evidence: because('offline') };
  if (container.name === 'File store')
    return {
      kind: 'file store',
      product: design.hosting.kind === 'cloud' ? 'an object store of the provider' : 'an object store or file share of the operator',
      reason: 'files are kept apart from records',
      evidence: because('upload'),
    };
  if (container.name === 'Time-series store' || (SERIES.test(owned[0] ?? '') && signals.has('stream')))
    return {
      kind: 'time-series database',
      product: 'TimescaleDB',
      reason: 'readings are written in order of time and asked for by range',
      evidence: because('stream'),
    };
  const transactional = signals.positive('transactions').length > 0;
  return {
    kind: 'relational database',
    product: 'PostgreSQL',
    reason: transactional ? 'records have to change together' : 'records refer to each other',
    evidence: transactional ? because('transactions') : [],
  };
}
