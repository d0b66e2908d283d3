import type { Answer } from '../model/aspects.schema.js';
import type { Design } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';

export interface ResolvedTrace {
  readonly id: string;
  readonly components: readonly string[];
  readonly sections: readonly number[];
  readonly notAddressed: string | null;
}

export interface AnswerSources {
  readonly facts: Facts;
  readonly design: Design;
  /** Answers by section number. */
  readonly answers: ReadonlyMap<number, readonly Answer[]>;
  /** Markdown of the sections whose decisions may rest on a requirement (3 and 10). */
  readonly decisions: ReadonlyMap<number, string>;
}

/** Requirements with what answers them. A demand on the whole system counts only if a section answers it by name. */
export function resolveRequirements(sources: AnswerSources): readonly ResolvedTrace[] {
  const names = new Map(sources.design.components.map((component) => [component.id, component.name]));
  const requirements = new Map(sources.facts.requirements.map((requirement) => [requirement.id, requirement]));
  const cited = new Map([...sources.decisions].map(([section, markdown]) => [section, citedSpans(markdown)]));
  return sources.design.trace.map((trace) => {
    if (trace.notAddressed !== null) return { id: trace.requirementId, components: [], sections: [], notAddressed: trace.notAddressed };
    const requirement = requirements.get(trace.requirementId);
    const sections = new Set(answeredIn(trace.requirementId, sources.answers));
    if (requirement !== undefined && requirement.kind !== 'function') {
      for (const [section, spans] of cited) if (spans.has(`${requirement.from}-${requirement.to}`)) sections.add(section);
    }
    if (trace.componentIds.length > 0) sections.add(4);
    const components = trace.componentIds.map((id) => names.get(id) ?? id);
    const nothing = components.length === 0 && sections.size === 0;
    return {
      id: trace.requirementId,
      components,
      sections: [...sections].sort((a, b) => a - b),
      notAddressed: nothing ? 'no rule of the engine turns it into a design decision; a person has to' : null,
    };
  });
}

export function resolveMeasures(sources: AnswerSources): readonly ResolvedTrace[] {
  return sources.facts.measures.map((measure) => {
    const sections = answeredIn(measure.id, sources.answers);
    return {
      id: measure.id,
      components: [],
      sections,
      notAddressed: sections.length > 0 ? null : 'nothing in the design depends on this number',
    };
  });
}

function answeredIn(id: string, answers: ReadonlyMap<number, readonly Answer[]>): number[] {
  return [...answers].filter(([, list]) => list.some((answer) => answer.id === id)).map(([section]) => section);
}

function citedSpans(markdown: string): ReadonlySet<string> {
  return new Set([...markdown.matchAll(/\[L(\d+)(?:-L(\d+))?\]/g)].map((match) => `${match[1]}-${match[2] ?? match[1]}`));
}
