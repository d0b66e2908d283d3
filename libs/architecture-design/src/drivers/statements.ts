import type { Evidence } from '../model/evidence.schema.js';
import type { Requirement } from '../model/facts.schema.js';
import type { Block } from '../reading/blocks.js';
import type { SourceDocument } from '../reading/source-document.js';
import { distinctEvidence, evidenceOf } from '../reading/source-document.js';
import { isUnder, kindOfSection, kindOfTitle, opensExclusion } from './section-kinds.js';

const MOST = 40;
const ASSUMES = /\b(?:we assume|is assumed|are assumed|assuming|assumes?|assumption|presumabl[ey]|is expected to|it is expected)\b/i;
/** In a section of "constraints and assumptions" the label tells them apart. */
const CONSTRAINT_LABEL = /^(?:CON|CONS|CONSTRAINT|LIM)[-_. ]?\d/i;
const LIMITS =
  /\b(?:must|shall|should|may|can)\s?not\b[^.]{0,60}\b(?:use|require|depend|rely|need|leave|send|contact|store|install|contain|be hosted)\b|\bno (?:cloud|server|backend|internet|database|microservices?|external|third[- ]party|telemetry|tracking|login|account|framework|dependenc\w+|network|installation|admin rights|build step)\b|\bonly (?:runs?|works?|used|available) (?:in|on|within|inside)\b|\b(?:on[- ]premises?|air[- ]gapped|budget|small team|team of|single developer|one developer|existing infrastructure|deadline)\b/i;

/** What binds the design: statements in sections of constraints and those that forbid or fix a means. */
export function findConstraints(document: SourceDocument, requirements: readonly Requirement[]): Evidence[] {
  const listed = document.sentences.filter((sentence) => {
    if (isUnder(sentence.block.section, 'excluded') || isUnder(sentence.block.section, 'questions')) return false;
    return (
      kindOfSection(sentence.block.section) === 'constraints' ||
      (LIMITS.test(sentence.text) && kindOfSection(sentence.block.section) !== 'glossary')
    );
  });
  const demanded = requirements.filter((requirement) => requirement.kind === 'constraint');
  const spans = new Set(demanded.map((requirement) => requirement.from));
  return distinctEvidence([...demanded.map(evidenceOf), ...listed.filter((sentence) => !spans.has(sentence.from)).map(evidenceOf)], MOST);
}

export function findAssumptions(document: SourceDocument): Evidence[] {
  const said = document.sentences.filter(
    (sentence) =>
      (kindOfSection(sentence.block.section) === 'assumptions' && !CONSTRAINT_LABEL.test(sentence.block.text)) ||
      ASSUMES.test(sentence.text),
  );
  return distinctEvidence(said.map(evidenceOf), MOST);
}

export function findExclusions(document: SourceDocument): Evidence[] {
  const said = document.sentences.filter(
    (sentence) =>
      isUnder(sentence.block.section, 'excluded') ||
      opensExclusion(sentence.block.text) ||
      /\b(?:is|are) out of scope\b/i.test(sentence.text),
  );
  return distinctEvidence(said.map(evidenceOf), MOST);
}

/** The first sentences that say what it is: from an overview, or from before the first list of demands. */
export function findSummary(document: SourceDocument): Evidence[] {
  const prose = document.sentences.filter(
    (sentence) => sentence.block.kind === 'paragraph' && sentence.text.split(/\s+/).length >= 5 && /[.!?]["”)]?$/.test(sentence.text),
  );
  const overview = prose.filter((sentence) => {
    const title = sentence.block.section?.title ?? '';
    return kindOfTitle(title) === 'meta' || sentence.block.section === null || sentence.block.section.level === 1;
  });
  const pool = overview.filter(
    (sentence) =>
      !/^(?:this|the present) (?:document|prd|specification|srs)\b|^(?:source of truth|see|refer to)\b|\brfc ?2119\b|\bkey ?words\b|^(?:status|version|author|date|owner)\b/i.test(
        sentence.text,
      ),
  );
  return (pool.length > 0 ? pool : overview).slice(0, 2).map(evidenceOf);
}

const FORM =
  /\b(?:(?:product|software|system|business|functional|technical|user|stakeholder|game design|project|feature) requirements?(?: documents?| specifications?)?|software requirements? specifications?|system requirements? specifications?|requirements? (?:documents?|specifications?)|functional specifications?|requirements|prd|srs|brd|specification|spec)\b/gi;

export interface Title {
  readonly title: string;
  readonly evidence: Evidence | null;
}

/** The system's name: as given, or the first heading without the words that name the kind of document. */
export function findTitle(document: SourceDocument, given: string | undefined): Title {
  const wanted = given?.replace(/\s+/g, ' ').trim();
  if (wanted !== undefined && wanted !== '') return { title: wanted, evidence: null };
  const top = document.blocks.filter((block) => block.kind === 'heading' && (block.section?.level ?? 9) <= 1);
  for (const block of [...document.blocks.slice(0, 1), ...top]) {
    const found = titleIn(block);
    if (found !== null) return found;
  }
  return nameUnderForm(document) ?? nameInProse(document) ?? { title: 'The system', evidence: null };
}

/** Under a first heading that names only the kind of document, the next heading may name the system. */
function nameUnderForm(document: SourceDocument): Title | null {
  const [first, second] = document.blocks;
  if (first?.kind !== 'heading' || second?.kind !== 'heading') return null;
  return kindOfTitle(second.text) === null && !/^\d/.test(second.text) ? titleIn(second) : null;
}

const FIRST_SENTENCES = 12;
const PROPER = String.raw`(\p{Lu}[\p{L}\d-]+(?: \p{Lu}[\p{L}\d-]+){0,4})`;
const INTRODUCED: readonly RegExp[] = [
  new RegExp(String.raw`^(?:The )?${PROPER} (?:is an?|provides|lets|enables|allows|helps|offers|replaces)\b`, 'u'),
  new RegExp(String.raw`\b(?:requirements|behaviou?r|scope|specification) (?:of|for) (?:the )?${PROPER}`, 'u'),
];

/** "Larkspur provides …", "the requirements of Larkspur": a name that the first sentences introduce. */
function nameInProse(document: SourceDocument): Title | null {
  for (const sentence of document.sentences.filter((one) => one.block.kind === 'paragraph').slice(0, FIRST_SENTENCES)) {
    const name = INTRODUCED.map((pattern) => pattern.exec(sentence.text)?.[1]).find((one) => one !== undefined);
    if (name === undefined || NO_NAME.test(name) || /^(?:This|That|These|It|We|System|Document|Version|There|Each|Every)\b/.test(name))
      continue;
    return { title: name, evidence: { text: name, from: sentence.from, to: sentence.to } };
  }
  return null;
}

const NO_NAME = /^(?:specific|functional|other|detailed|general|additional|overall|user|users|system|key|main|technical|high[- ]level)$/i;
const SENTENCE = /\b(?:we|our|i|this|is|are|must|shall|should|will|need|needs|want)\b/i;

function titleIn(block: Block): Title | null {
  const firstLine = shortName((block.lines[0]?.text ?? '').split(/[.!?]\s/)[0] ?? '');
  // "Software Requirements Specification / for / Lending Desk" names the system on its third line.
  const spread = firstLine === '' && block.lines.length > 1 && block.lines.length <= 4;
  const name = spread ? shortName(block.text) : firstLine;
  if (name === '' || NO_NAME.test(name) || name.split(/\s+/).length > 9 || name.length > 80) return null;
  const form =
    block.kind === 'heading' ? kindOfTitle(name) === 'meta' : SENTENCE.test(name) || (!spread && /[.!?]$/.test(block.lines[0]?.text ?? ''));
  return form ? null : { title: name, evidence: { text: name, from: block.span.from, to: spread ? block.span.to : block.span.from } };
}

/** "Sillplan, a floor planner …" is Sillplan: what follows the name describes it. */
function shortName(text: string): string {
  const name = stripForm(text);
  const first = name.split(/,\s+(?:an?|the)\s|:\s|\s[–—-]\s/)[0]?.trim() ?? '';
  return first.length >= 3 && first.length < name.length ? stripForm(first) || name : name;
}

/** Cuts only at the ends, so that what is left still stands in the input as one run of words. */
function stripForm(text: string): string {
  let name = text.trim();
  for (let round = 0; round < 4; round += 1) {
    const before = name;
    for (const match of name.matchAll(FORM)) {
      const end = match.index + match[0].length;
      if (/^(?:(?:the|an?)\s+)?$/i.test(name.slice(0, match.index).trim())) name = name.slice(end);
      else if (name.slice(end).replace(/[\s()\-–—:.v\d]/gi, '') === '') name = name.slice(0, match.index);
      if (name !== before) break;
    }
    name = name.replace(/^[\s:–—\-.,()]+(?:(?:for|of)\s+(?:the\s+)?)?|[\s:–—\-.,(]+$/gi, '');
    name = name.replace(/\s*\((?:mvp|draft|v?\d+(?:\.\d+)*)\)$/i, '');
    name = name.replace(/^for (?:the )?/i, '').replace(/ (?:for|of)$/i, '');
    if (name === before) break;
  }
  return name.replace(/^\d+(?:\.\d+)*\.?\s+/, '').trim();
}
