import type { Component } from '../model/design.schema.js';
import type { Facts } from '../model/facts.schema.js';

export type Stage = 'take-in' | 'work' | 'hand-out';

const TAKE_IN =
  /\b(?:receiv\w*|ingest\w*|collect\w*|read(?:s|ing)?s?|subscrib\w*|import\w*|fetch\w*|extract\w*|download\w*|pull\w*|load(?:s|ed)? from|poll\w*|sampl\w*|captur\w*)\b/gi;
const HAND_OUT =
  /\b(?:display\w*|show\w*|view\w*|dashboards?|reports?|export\w*|notif\w*|alert\w*|screens?|users? (?:can|must|shall)|quer(?:y|ies)|search\w*|publish\w*|deliver\w*|charts?|as an? \w+)\b/gi;

const WORK =
  /\b(?:rais(?:e|es|ing)|detect\w*|evaluat\w*|calculat\w*|comput\w*|aggregat\w*|correlat\w*|compar\w*|trigger\w*|alarms?|classif\w*|transform\w*|validat\w*|match(?:es|ing)?|deriv\w*|merge[sd]?|clean(?:s|ed)?|dedupl\w*|enrich\w*|normali[sz]\w*)\b/gi;

/** In which stage of a pipeline a component stands, by the words of its requirements. */
export function stageOf(component: Component, facts: Facts): Stage {
  const text = facts.requirements
    .filter((requirement) => component.requirementIds.includes(requirement.id))
    .map((requirement) => requirement.text.slice(0, 600))
    .join(' ');
  const taking = text.match(TAKE_IN)?.length ?? 0;
  const handing = (text.match(HAND_OUT)?.length ?? 0) + component.actors.length;
  const working = (text.match(WORK)?.length ?? 0) + 0.5;
  if (working >= taking && working >= handing) return 'work';
  return taking > handing ? 'take-in' : 'hand-out';
}
