import type { Requirement } from '../model/facts.schema.js';
import type { Block, Section } from '../reading/blocks.js';
import { pathOf } from '../reading/blocks.js';
import { comparable } from '../reading/plain-text.js';
import type { SourceDocument } from '../reading/source-document.js';
import { parseStatement } from '../language/statement.js';
import { labelOf } from './labels.js';
import { isStory } from './keywords.js';
import type { Candidate } from './requirement-blocks.js';
import { candidatesOf } from './requirement-blocks.js';
import { kindOfSection, kindOfTitle, isUnder } from './section-kinds.js';
import { qualitiesOf } from './qualities.js';

/**
 * Every demand of the document once: labelled ones under their own identifier, all others as `S<line>`. A demand
 * inside another (a list under a labelled line) belongs to that one unless it says must/shall/should itself.
 */
export function findRequirements(document: SourceDocument): readonly Requirement[] {
  const candidates = withHeadings(document.blocks, candidatesOf(document.blocks, document.sentences));
  const perHeading = new Map<Section, number>();
  for (const one of candidates) {
    const owner = labelledOwner(one.section);
    if (owner !== null && one.label === null) perHeading.set(owner.section, (perHeading.get(owner.section) ?? 0) + 1);
  }
  const counters = new Map<Section, number>();
  const used = new Map<string, string>();
  const requirements: Requirement[] = [];
  for (const one of candidates) {
    const id = one.label ?? ownId(one, perHeading, counters);
    const text = comparable(one.text);
    if (used.get(id) === text) continue;
    const unique = uniqueId(id, one.from, used);
    used.set(unique, text);
    requirements.push(requirementOf(unique, one));
  }
  return requirements;
}

function uniqueId(id: string, line: number, used: ReadonlyMap<string, string>): string {
  if (!used.has(id)) return id;
  const byLine = /^S\d+$/.test(id) ? id : `${id}@${line}`;
  for (let letter = 0; ; letter += 1) {
    const candidate = letter === 0 && byLine !== id ? byLine : `${byLine}${letterOf(letter)}`;
    if (!used.has(candidate)) return candidate;
  }
}

function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : `-${index}`;
}

function ownId(one: Candidate, perHeading: ReadonlyMap<Section, number>, counters: Map<Section, number>): string {
  const owner = labelledOwner(one.section);
  if (owner === null) return `S${one.from}`;
  if (perHeading.get(owner.section) === 1) return owner.label;
  if (one.ordinal !== null && /^\d+$/.test(one.ordinal)) return `${owner.label}.${one.ordinal}`;
  const count = (counters.get(owner.section) ?? 0) + 1;
  counters.set(owner.section, count);
  return `${owner.label}/${count}`;
}

function labelledOwner(section: Section | null): { readonly section: Section; readonly label: string } | null {
  for (let at = section; at !== null; at = at.parent) {
    const labelled = labelOf(at.title);
    if (labelled !== null) return { section: at, label: labelled.label };
  }
  return null;
}

/** A labelled heading with no demand below it is the demand itself, with the sentence that follows it. */
function withHeadings(blocks: readonly Block[], candidates: readonly Candidate[]): readonly Candidate[] {
  const owners = new Set(candidates.map((one) => labelledOwner(one.section)?.section).filter((section) => section !== undefined));
  const added: Candidate[] = [];
  for (const [index, block] of blocks.entries()) {
    if (block.kind !== 'heading' || block.section === null || owners.has(block.section)) continue;
    const labelled = labelOf(block.section.title);
    if (labelled === null || labelled.rest === '' || hasLabelledChild(blocks, index) || isExample(block.section)) continue;
    const next = blocks[index + 1];
    const body =
      next !== undefined && next.kind === 'paragraph' && next.section === block.section && next.span.from <= block.span.to + 2
        ? next
        : null;
    added.push({
      text: body === null ? labelled.rest : `${labelled.rest} — ${body.text}`,
      from: block.span.from,
      to: body?.span.to ?? block.span.to,
      label: labelled.label,
      ordinal: null,
      strength: 'statement',
      section: block.section,
      introduces: false,
      meta: false,
    });
  }
  if (added.length === 0) return candidates;
  return [...candidates, ...added].sort((a, b) => a.from - b.from);
}

function isExample(section: Section): boolean {
  return pathOf(section).some((title) => /\b(?:appendix|examples?|samples?)\b/i.test(title));
}

function hasLabelledChild(blocks: readonly Block[], index: number): boolean {
  const section = blocks[index]?.section ?? null;
  const next = blocks.slice(index + 1).find((block) => block.kind === 'heading');
  return next?.section?.parent === section && labelOf(next?.section?.title ?? '') !== null;
}

const PROJECT =
  /^(?:the )?(?:project|team|vendor|supplier|contractor|developers?|documentation|training|budget|deliverables?|source code|release|launch|user manual|test plan|unit tests)\b/i;
const CONSTRAINT =
  /\b(?:must|shall|should|has to|needs to)\b[^.]{0,30}?\b(?:be (?:(?:written|implemented|built|developed|programmed) (?:in|with|on|using|by)|hosted|deployed|distributed|packaged|delivered as|an? (?:single|static|self-contained|standalone)|based on)|comply|conform|adhere|run (?:on|in|under|with)|use only|not (?:use|require|depend|rely|need|leave|contact|call home|open network|make network)|work (?:offline|without)|fit)\b/i;

function requirementOf(id: string, one: Candidate): Requirement {
  const statement = parseStatement(one.text.slice(0, 1200));
  const own = qualitiesOf(one.text);
  // "Panning stays smooth" under "Performance": the heading says what it is about.
  const qualities = own.length > 0 || one.section === null ? own : qualitiesOf(one.section.title);
  return {
    id,
    labelled: !/^S\d/.test(id),
    text: one.text,
    from: one.from,
    to: one.to,
    strength: one.strength,
    kind: kindOf(one, id, own, statement.verb),
    qualities: [...qualities],
    section: [...pathOf(one.section)],
    subject: statement.subject,
    verb: statement.verb,
    object: statement.object,
    nouns: [...statement.nouns],
  };
}

const QUALITY_VERBS =
  /^(?:be|respond|load|complete|handle|support|start|scale|remain|take|tolerate|withstand|comply|conform|meet|run|survive|recover|encrypt\w*|stay|last|work|perform|protect\w*|ensure|follow|adhere|achieve|have|serve|retained|kept|secured|sustain)$/i;
const ATTRIBUTE =
  /\b(?:must|shall|should|has to|needs to) (?:not )?be (?:\w+ ){0,2}?(?!able\b|available to|visible|unable|table|cable|variable|possible to)\w+[ai]ble\b/i;

function kindOf(one: Candidate, id: string, qualities: readonly string[], verb: string | null): Requirement['kind'] {
  if (one.meta || one.introduces) return 'meta';
  if (isUnder(one.section, 'excluded')) return 'excluded';
  if (/\?\s*$/.test(one.text)) return 'meta';
  const kind = kindOfSection(one.section);
  if (PROJECT.test(one.text) || (kind === 'project' && one.label === null)) return 'project';
  if (isStory(one.text)) return 'function';
  if (kind === 'assumptions' || /^(?:CON|CONS|CONSTRAINT|LIM|ASM?|ASS)[-_. ]?\d/i.test(one.label ?? '')) return 'constraint';
  if (/^(?:FR|FUNC|US|UC)[-_. ]?\d/i.test(id)) return 'function';
  if (/^(?:NFR?|QR|QA|PERF|SEC|SLO?|AVAIL|REL|USAB)[-_. ]?\d/i.test(id)) return 'quality';
  if (kind === 'migration' || /\bbe migrated\b/i.test(one.text)) return 'constraint';
  if (kind === 'constraints' || CONSTRAINT.test(one.text.slice(0, 400))) return 'constraint';
  if (kind === 'quality') return 'quality';
  const nearest = one.section === null ? null : kindOfTitle(one.section.title);
  if (nearest === 'quality') return 'quality';
  if (ATTRIBUTE.test(one.text.slice(0, 400))) return 'quality';
  if (verb !== null && !QUALITY_VERBS.test(verb)) return 'function';
  return qualities.length > 0 &&
    /\d\s?(?:%|ms|s\b|seconds?|minutes?|percent)|\b(?:encrypt\w*|secur\w+|available|accessib\w+|wcag|gdpr|hipaa|maintainab\w+|responsive|fast|reliab\w+|portab\w+|localis\w+|localiz\w+)\b/i.test(
      one.text,
    )
    ? 'quality'
    : 'function';
}
