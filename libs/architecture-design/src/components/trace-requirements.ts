import type { Component, Trace } from '../model/design.schema.js';
import type { Facts, Requirement } from '../model/facts.schema.js';
import { termKey } from '../language/words.js';
import { keyWords, MentionIndex } from './mentions.js';

/** One row per requirement: the components that answer it, or the whole system, or why nothing does. */
export function traceRequirements(facts: Facts, components: readonly Component[]): Trace[] {
  const owner = new Map(components.flatMap((component) => component.requirementIds.map((id) => [id, component.id] as const)));
  const index = new MentionIndex();
  return facts.requirements.map((requirement) => {
    const refused = refusalOf(requirement);
    if (refused !== null) return { requirementId: requirement.id, componentIds: [], wholeSystem: false, notAddressed: refused };
    const own = owner.get(requirement.id);
    if (own !== undefined) return { requirementId: requirement.id, componentIds: [own], wholeSystem: false, notAddressed: null };
    const area = facts.areas.find((one) => one.requirementIds.includes(requirement.id));
    const home = area === undefined ? undefined : components.find((component) => termKey(component.name) === termKey(area.name));
    if (home !== undefined) return { requirementId: requirement.id, componentIds: [home.id], wholeSystem: false, notAddressed: null };
    const named = components.filter((component) => isAbout(requirement, component, index)).map((component) => component.id);
    return { requirementId: requirement.id, componentIds: named, wholeSystem: named.length === 0, notAddressed: null };
  });
}

function refusalOf(requirement: Requirement): string | null {
  if (requirement.kind === 'excluded') return 'the input itself puts it out of scope';
  if (requirement.kind === 'project') return 'it is about the project (people, dates, documents), not about the system';
  if (requirement.kind === 'meta' && /\?\s*$/.test(requirement.text)) return 'it is an open question; somebody has to answer it first';
  if (requirement.kind === 'meta')
    return requirement.text.endsWith(':')
      ? 'it introduces a list; the items are traced one by one'
      : 'it explains the words of the input, it asks for nothing';
  return null;
}

function isAbout(requirement: Requirement, component: Component, index: MentionIndex): boolean {
  if (component.basis === 'whole') return false;
  if (index.mentions(requirement.text, component.name)) return true;
  const words = keyWords(component.name);
  const text = index.of([requirement.subject ?? '', requirement.object ?? ''].join(' '));
  return words.length > 0 && words.some((word) => text.includes(` ${word} `));
}
