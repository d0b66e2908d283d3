import type { Component, ServiceDesign } from '../model/design.schema.js';
import type { Requirement } from '../model/facts.schema.js';

type Operation = ServiceDesign['interfaces'][number]['operations'][number];

/** What a component can be asked to do: one operation per requirement, in the requirement's own verb and object. */
export function operationsOf(component: Component, requirements: ReadonlyMap<string, Requirement>): Operation[] {
  return component.requirementIds.flatMap((id) => {
    const requirement = requirements.get(id);
    if (requirement === undefined) return [];
    const name =
      requirement.verb !== null && requirement.object !== null && requirement.object !== requirement.subject
        ? `${requirement.verb} ${requirement.object}`
        : shortened(requirement.text);
    const input = requirement.nouns
      .filter((noun) => noun !== requirement.object && noun !== requirement.subject)
      .slice(0, 3)
      .join(', ');
    return [{ name, requirementId: id, input, evidence: { text: requirement.text, from: requirement.from, to: requirement.to } }];
  });
}

function shortened(text: string): string {
  const words = text.split(/\s+/);
  return words.length <= 7 ? text.replace(/[.;]$/, '') : `${words.slice(0, 7).join(' ')} …`;
}
