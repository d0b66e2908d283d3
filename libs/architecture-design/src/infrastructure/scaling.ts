import type { Infrastructure } from '../model/aspects.schema.js';
import type { Container, Design } from '../model/design.schema.js';
import type { Facts, Measure } from '../model/facts.schema.js';
import type { SignalView } from '../pattern/signal-view.js';

/** How each container grows, and which stated number asks for it. */
export function scalingOf(container: Container, facts: Facts, design: Design, signals: SignalView): Infrastructure['scaling'][number] {
  const load = facts.measures
    .filter((measure) => ['users', 'devices', 'throughput', 'volume'].includes(measure.kind))
    .slice(0, 3)
    .map(evidence);
  const independent = [...signals.positive('independent-scaling')].slice(0, 2);
  const because = [...independent, ...load].slice(0, 4);
  const served = design.hosting.kind !== 'none' && design.hosting.kind !== 'device';
  if (!served)
    return {
      containerId: container.id,
      strategy:
        container.kind === 'store'
          ? 'bounded by the machine it is on'
          : 'one installation serves one place; more people means more installations',
      evidence: [],
    };
  switch (container.kind) {
    case 'interface':
    case 'edge':
      return { containerId: container.id, strategy: 'one per person or site; grows with their number', evidence: [] };
    case 'store':
      return {
        containerId: container.id,
        strategy: signals.has('high-load')
          ? 'a larger machine first, then read copies; partitions by time or key when one machine is not enough'
          : 'a larger machine; no partitions until a measurement asks for them',
        evidence: load,
      };
    case 'broker':
      return { containerId: container.id, strategy: 'partitions by source, so that order holds within one', evidence: load };
    case 'program':
      return {
        containerId: container.id,
        strategy:
          design.pattern.id === 'realtime-server'
            ? 'more processes, each with its own sessions; a session stays on one'
            : 'whole copies behind one entry; no state in the process',
        evidence: because,
      };
    default:
      return {
        containerId: container.id,
        strategy: 'copies of its own, apart from the others; by queue length or load',
        evidence: because,
      };
  }
}

function evidence(measure: Measure): { text: string; from: number; to: number } {
  return { text: measure.text, from: measure.from, to: measure.to };
}
