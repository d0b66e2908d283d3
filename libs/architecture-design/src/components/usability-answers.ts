import type { Answer } from '../model/aspects.schema.js';
import type { ServiceDesign } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { answerable } from '../infrastructure/answers.js';

/** Usability and accessibility demands: the containers people touch have to meet them. */
export function usabilityAnswers(facts: Facts, services: ServiceDesign): Answer[] {
  const screens = services.containers.filter((container) => container.kind === 'interface');
  const touched = screens.length > 0 ? screens : services.containers.filter((container) => container.kind === 'program');
  const names = touched.map((container) => container.name).join(', ');
  return facts.requirements
    .filter((requirement) => answerable(requirement) && requirement.qualities.includes('usability') && names !== '')
    .map((requirement) => ({
      id: requirement.id,
      answer: `met by ${names}; checked by a test with the people or aids it names`,
      derivedFrom: [{ text: requirement.text, from: requirement.from, to: requirement.to }],
    }));
}
