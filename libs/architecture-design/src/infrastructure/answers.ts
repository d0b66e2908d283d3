import type { Answer } from '../model/aspects.schema.js';
import type { Design, ServiceDesign } from '../model/design.schema.js';
import type { Facts, Measure, Requirement } from '../model/facts.schema.js';

/** Numbers that the infrastructure has to carry. */
export function performanceAnswers(facts: Facts, design: Design, services: ServiceDesign): Answer[] {
  return facts.measures.flatMap((measure) => {
    const answer = answerFor(measure, design, services);
    return answer === null ? [] : [{ id: measure.id, answer, derivedFrom: [{ text: measure.text, from: measure.from, to: measure.to }] }];
  });
}

function answerFor(measure: Measure, design: Design, services: ServiceDesign): string | null {
  const served = design.hosting.kind !== 'none' && design.hosting.kind !== 'device';
  const main = services.containers.find((container) => ['entry', 'program', 'service'].includes(container.kind))?.name ?? design.system;
  switch (measure.kind) {
    case 'users':
    case 'devices':
      return served
        ? `${main} and the stores are sized and load-tested for this number`
        : 'one installation per person or device; nothing is shared, so the number does not add load';
    case 'throughput':
      return served
        ? `${main} is load-tested at this rate with headroom; copies are added before it is reached`
        : 'a benchmark at this rate runs with every release';
    case 'availability':
      return served
        ? 'two instances on separate machines, health checks, replacement without a person'
        : 'no server whose absence could stop the work; the number applies to the installation alone';
    case 'recovery-time':
      return served ? 'a rehearsed restore, timed against this number' : 'the program starts again from its saved state; timed in a test';
    case 'recovery-point':
      return served
        ? 'backups or a copy of the log at least this often, outside the machine they protect'
        : 'state is written before it is confirmed; tested by cutting power';
    default:
      return null;
  }
}

const RESPONSES: readonly { readonly quality: string; readonly served: string; readonly local: string }[] = [
  {
    quality: 'availability',
    served: 'instances on separate machines with health checks; see the nodes and the scaling table',
    local: 'nothing remote is needed to go on working',
  },
  {
    quality: 'reliability',
    served: 'durable writes before an answer, retries with limits, backups that are restored as a test',
    local: 'state is written safely before it is confirmed; a broken file never takes the rest with it',
  },
  {
    quality: 'scalability',
    served: 'the scaling table says how each container grows and why',
    local: 'one installation per place; size of a single input is the limit and is tested',
  },
  {
    quality: 'offline',
    served: 'data is kept where it arises and handed on when the connection is back',
    local: 'no connection is needed for the work itself',
  },
  { quality: 'cost', served: 'the fewest nodes that meet the stated numbers; more only with a measurement', local: 'nothing to operate' },
  {
    quality: 'portability',
    served: 'containers are packaged so that they run on the named platforms; tested on each',
    local: 'built and tested for every named platform',
  },
  {
    quality: 'performance',
    served: 'sized and load-tested against the stated numbers, watched as an objective (section 8)',
    local: 'a benchmark with every release, on the weakest named machine',
  },
  {
    quality: 'maintainability',
    served: 'module boundaries as in section 4, checked automatically; configuration outside the code',
    local: 'module boundaries as in section 4, checked automatically',
  },
];

/** Quality demands on the whole system that the infrastructure answers. */
export function requirementAnswers(facts: Facts, design: Design, redundant: boolean): Answer[] {
  const served = design.hosting.kind !== 'none' && design.hosting.kind !== 'device';
  return facts.requirements.flatMap((requirement) => {
    if (!answerable(requirement)) return [];
    const response = RESPONSES.find((one) => requirement.qualities.includes(one.quality));
    if (response === undefined) return [];
    const text = served ? response.served : response.local;
    const answer =
      response.quality === 'availability' && served && !redundant
        ? 'one instance per node, restarted when it fails; a second one only if a number asks for it'
        : text;
    return [{ id: requirement.id, answer, derivedFrom: [{ text: requirement.text, from: requirement.from, to: requirement.to }] }];
  });
}

export function answerable(requirement: Requirement): boolean {
  return requirement.kind === 'quality' || requirement.kind === 'constraint';
}
