import type { Area, Requirement } from '../model/facts.schema.js';
import type { Section } from '../reading/blocks.js';
import type { SourceDocument } from '../reading/source-document.js';
import { labelOf } from './labels.js';
import { kindOfTitle } from './section-kinds.js';

const MOST = 14;
const PREFIX =
  /^(?:(?:epic|feature|module|area|component|capability|section|part|use case|service|subsystem|theme)\s*(?:#?\d+(?:\.\d+)*)?\s*[:.–—-]\s*)|^\d+(?:\.\d+)*\.?\s+/i;
const STRUCTURE =
  /^(?:must|should|could|won.?t)(?: have)?$|^(?:p[0-4]|high|medium|low|critical)(?: priority)?$|^(?:phase|release|sprint|version|iteration|milestone|requirement|story|user story|epic|feature)\s*#?\d*$|^(?:user story|acceptance criteria|description|rationale|priority|notes?|details?|main flow|alternative flow|preconditions?|postconditions?|stimulus.*|inputs?|outputs?|processing|error handling|background|examples?)$/i;

/**
 * Headings that name a functional area: something stands under them that the system has to do, and the title is
 * neither a part of the document's form nor a quality nor the label of one single requirement.
 */
export function findAreas(document: SourceDocument, requirements: readonly Requirement[]): readonly Area[] {
  const headings = document.blocks.filter((block) => block.kind === 'heading' && block.section !== null);
  const sectionAt = sectionFinder(headings.map((block) => block.section as Section));
  // The one heading at the top names the document even where nothing deeper follows.
  const top = headings.filter((block) => block.section?.level === 1);
  const onlyTop = top.length === 1 && headings[0] === top[0] ? (top[0]?.section ?? null) : null;
  const areas = new Map<Section, { name: string; ids: string[] }>();
  for (const requirement of requirements) {
    if (requirement.kind === 'excluded' || requirement.kind === 'meta' || requirement.kind === 'project') continue;
    for (let at = sectionAt(requirement.from); at !== null; at = at.parent) {
      const name = at === onlyTop ? null : areaName(at, requirement.kind === 'function');
      if (name === null) {
        if (kindOfTitle(at.title) === 'quality' || kindOfTitle(at.title) === 'constraints') break;
        continue;
      }
      const area = areas.get(at) ?? { name, ids: [] };
      area.ids.push(requirement.id);
      areas.set(at, area);
      break;
    }
  }
  return [...withoutCrumbs(areas)]
    .filter(
      ([section, area]) =>
        labelOf(section.title) === null || area.ids.length > 1 || /^(?:epic|feature|module|use case)/i.test(section.title),
    )
    .map(([section, area]) => ({
      name: area.name,
      evidence: [{ text: section.title, from: section.line, to: section.line }],
      requirementIds: area.ids,
    }))
    .slice(0, MOST);
}

/** Headings with one demand each are steps of their parent, where that names an area itself. */
function withoutCrumbs(areas: ReadonlyMap<Section, { name: string; ids: string[] }>): typeof areas {
  const crumbs = Map.groupBy(
    [...areas].filter(([, area]) => area.ids.length === 1),
    ([section]) => section.parent,
  );
  const merged = new Map<Section, { name: string; ids: string[] }>();
  for (const [section, area] of areas) {
    const parent = section.parent;
    const name = parent === null || (crumbs.get(parent)?.length ?? 0) < 2 || area.ids.length > 1 ? null : areaName(parent, true);
    const into = parent === null || name === null ? section : parent;
    const known = merged.get(into);
    if (known === undefined) merged.set(into, { name: name ?? area.name, ids: [...area.ids] });
    else known.ids.push(...area.ids);
  }
  return merged;
}

function areaName(section: Section, functional: boolean): string | null {
  if (section.isTitle) return null;
  const labelled = /^(?:epic|feature|module|use case)/i.test(section.title) ? null : labelOf(section.title);
  const name = (labelled?.rest ?? section.title)
    .replace(PREFIX, '')
    .replace(/\s*\((?:[^()]{0,60})\)\s*$/, '')
    .replace(/\s+(?:matrix|table|diagram)$/i, '')
    .replace(/\s+(?:requirements?|features?|functionality|use cases?|user stories|stories)$/i, '')
    .trim();
  if (name === '' || STRUCTURE.test(name) || name.split(/\s+/).length > 6) return null;
  const kind = kindOfTitle(name);
  if (labelled !== null) return name;
  if (/^rules$/i.test(name) && section.parent !== null && !section.parent.isTitle) return name;
  // Under "Functional requirements" a title of several words groups functions, whatever else its words may mean.
  if (functional && kind !== null && IN_FUNCTIONS.test(section.parent?.title ?? '') && /\s/.test(name) && kind !== 'requirements')
    return name;
  // "Access rules" or "Reporting needs" names an area, "Functional requirements" does not: only a title made of form words alone is form.
  if (kind !== null && !(kind === 'requirements' && FORM_AND_MORE.test(name))) return null;
  return name;
}

const IN_FUNCTIONS = /^(?!.*\bnon[- ]?functional).*\b(?:functional requirements|functions|system features)\b/i;
const FORM_AND_MORE =
  /^(?!(?:functional|system|software|user|business|product|technical|detailed|general|key|core|main|other|additional|specific|high[- ]level|what|in|mvp|must|should|could|nice|scope|priority)\b)[\p{L}-]{3,}(?: (?:and|&))? [\p{L}-]{3,}/iu;

function sectionFinder(sections: readonly Section[]): (line: number) => Section | null {
  const sorted = [...sections].sort((a, b) => a.line - b.line);
  return (line) => {
    let low = 0;
    let high = sorted.length - 1;
    let found: Section | null = null;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const section = sorted[middle] as Section;
      if (section.line <= line) {
        found = section;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return found;
  };
}
