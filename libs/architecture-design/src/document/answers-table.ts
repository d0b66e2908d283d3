import type { Answer } from '../model/aspects.schema.js';
import type { Facts } from '../model/facts.schema.js';
import { escapeText, quote } from './cite.js';
import { table } from './markdown.js';

/** Requirements and numbers that a section answers: the input's words beside the engine's answer. */
export function answersTable(answers: readonly Answer[], facts: Facts): string[] {
  const measures = new Map(facts.measures.map((measure) => [measure.id, measure]));
  return table(
    ['ID', 'What the input says', 'Answer (derived)'],
    answers.map((answer) => {
      const measure = measures.get(answer.id);
      const said = answer.derivedFrom[0];
      return [
        escapeText(measure === undefined ? answer.id : `${answer.id}: ${measure.value}`),
        said === undefined ? '' : quote(said),
        escapeText(answer.answer),
      ];
    }),
  );
}
