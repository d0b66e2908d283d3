import type { Block, Section } from '../reading/blocks.js';
import type { Sentence } from '../reading/sentences.js';
import type { Requirement } from '../model/facts.schema.js';
import { explainsKeywords, isStory, strengthOf } from './keywords.js';
import { isLabelCell, labelOf, outlineOf } from './labels.js';
import { verbBase } from '../language/noun-phrases.js';
import type { SectionKind } from './section-kinds.js';
import { isDemanding, kindOfSection, kindOfTitle } from './section-kinds.js';

/** A demand found in the input, before it has an identifier and a kind. */
export interface Candidate {
  text: string;
  readonly from: number;
  to: number;
  readonly label: string | null;
  readonly ordinal: string | null;
  readonly strength: Requirement['strength'];
  readonly section: Section | null;
  readonly introduces: boolean;
  readonly meta: boolean;
}

const MOST_WORDS_OF_A_NAME = 3.5;
const REQUIREMENT_HEADER = /\b(?:requirements?|description|statement|story|criteri(?:a|on)|demand|need|feature|rule|text|shall|what)\b/i;

export function candidatesOf(blocks: readonly Block[], sentences: readonly Sentence[]): readonly Candidate[] {
  const byBlock = Map.groupBy(sentences, (sentence) => sentence.block);
  const candidates: Candidate[] = [];
  const labels = new Set<string>();
  const prose = !blocks.some((block) => block.kind === 'heading');
  const untitled = !blocks.some(
    (block) => block.kind === 'heading' && block.section?.isTitle === false && kindOfTitle(block.text) === 'requirements',
  );
  let parent: { readonly candidate: Candidate; readonly indent: number; readonly item: boolean; readonly absorbs: boolean } | null = null;
  let leadIn: { readonly strength: Requirement['strength']; readonly section: Section | null; readonly indent: number } | null = null;
  for (const [index, block] of blocks.entries()) {
    if (block.kind === 'heading') {
      parent = null;
      leadIn = null;
      continue;
    }
    if (block.kind !== 'item') leadIn = null;
    const found = fromBlock(block, byBlock.get(block) ?? [], labels, untitled, prose);
    const only = found.at(0);
    const isChild =
      parent !== null &&
      block.kind === 'item' &&
      (block.indent > parent.indent || !parent.item) &&
      block.section === parent.candidate.section;
    const plain = found.every((one) => one.label === null && one.strength === 'statement' && !isStory(one.text));
    if (isChild && parent !== null && plain && (parent.item ? block.indent > parent.indent : parent.absorbs)) {
      parent.candidate.text = `${parent.candidate.text} ${block.text}`;
      parent.candidate.to = block.span.to;
      continue;
    }
    if (leadIn !== null && block.section === leadIn.section && plain) {
      candidates.push(candidate(block.text, block, null, leadIn.strength));
      continue;
    }
    if (
      only !== undefined &&
      found.length === 1 &&
      block.text.endsWith(':') &&
      introducesList(blocks, index) &&
      !introducesNames(blocks, index) &&
      !(only.label !== null && (blocks[index + 1]?.indent ?? 0) > block.indent)
    ) {
      leadIn = { strength: only.strength, section: block.section, indent: block.indent };
      candidates.push({ ...only, introduces: true });
      parent = null;
      continue;
    }
    for (const one of found) if (one.label !== null) labels.add(one.label);
    candidates.push(...found);
    const last = found.at(-1);
    if (last !== undefined) {
      const absorbs = block.text.endsWith(':') && introducesNames(blocks, index);
      parent = { candidate: last, indent: block.indent, item: block.kind === 'item', absorbs };
    } else if (block.kind !== 'item') parent = null;
  }
  return candidates;
}

function fromBlock(
  block: Block,
  sentences: readonly Sentence[],
  labels: ReadonlySet<string>,
  untitled: boolean,
  prose: boolean,
): readonly Candidate[] {
  // A text without any heading is all about what is wanted.
  const kind = kindOfSection(block.section);
  const demanding = isDemanding(block.section, untitled) || prose || isDuty(block, kind);
  if (block.kind === 'row') return fromRow(block, isDemanding(block.section, untitled), labels);
  const labelled = labelOf(block.text) ?? outlined(block, demanding);
  if (labelled !== null && labelled.rest !== '') {
    const strength = strengthOf(labelled.rest, demanding) ?? 'statement';
    if (strength === 'statement' && (labels.has(labelled.label) || kind === 'questions' || kind === 'meta' || kind === 'project'))
      return [];
    return [candidate(labelled.rest, block, labelled.label, strength)];
  }
  const strong = sentences.filter((sentence) => strengthOf(sentence.text, false) !== null);
  if (block.kind === 'item' && demanding && strong.length <= 1) {
    if (/^.{0,120}(?:\.{4,}|…)\s*\d*$/.test(block.text.slice(0, 200))) return [];
    const statement = strong.at(0)?.text ?? block.text;
    return [candidate(block.text, block, null, strengthOf(statement, true) ?? 'statement')];
  }
  const soft = demanding ? sentences.filter((sentence) => strengthOf(sentence.text, true) !== null) : strong;
  return soft.map((sentence) => ({
    ...candidate(sentence.text, block, null, strengthOf(sentence.text, demanding) ?? 'statement'),
    from: sentence.from,
    to: sentence.to,
  }));
}

function outlined(block: Block, demanding: boolean): ReturnType<typeof outlineOf> {
  const outline = outlineOf(block.text);
  if (outline === null || /(?:\.{4,}|…)\s*\d*$/.test(outline.rest.slice(-20))) return null;
  const sentence = outline.rest.split(/\s+/).length >= 5 && /[.;]$/.test(outline.rest);
  return demanding || sentence || strengthOf(outline.rest, false) !== null ? outline : null;
}

function fromRow(block: Block, demanding: boolean, labels: ReadonlySet<string>): readonly Candidate[] {
  const cells = block.cells;
  const labelAt = cells.findIndex((cell, index) => index < 2 && isLabelCell(cell));
  const bare = labelAt >= 0 && /^\d/.test(cells[labelAt] ?? '');
  const header = block.headers.findIndex((title, index) => index !== labelAt && REQUIREMENT_HEADER.test(title) && !/\bid\b/i.test(title));
  const said = header >= 0 ? (cells[header] ?? '') : longest(cells.filter((_, index) => index !== labelAt));
  const keyword = strengthOf(block.text, false);
  const label = labelAt >= 0 && !bare ? (cells[labelAt] ?? '').replace(/[[\]():]/g, '').trim() : null;
  if (label !== null && keyword === null && (labels.has(label) || (!demanding && header < 0))) return [];
  if (label === null && keyword === null && !demanding) return [];
  const outline = bare && demanding ? (cells[labelAt] ?? null) : null;
  const text = header >= 0 && said !== '' ? said : cells.filter((cell, index) => cell !== '' && index !== labelAt).join(' | ');
  if (text === '' || (keyword === null && !/\p{L}{2}/u.test(text))) return [];
  return [candidate(text, block, label ?? outline, keyword ?? priorityOf(block) ?? 'statement')];
}

/** MoSCoW columns: a cell that says "Must" is the row's strength. */
function priorityOf(block: Block): Requirement['strength'] | null {
  const cell = block.cells.find((one) => /^(?:must|should|could|may)(?: have)?$/i.test(one.trim()));
  if (cell === undefined) return null;
  return /^must/i.test(cell.trim()) ? 'must' : /^should/i.test(cell.trim()) ? 'should' : 'may';
}

function longest(cells: readonly string[]): string {
  return cells.reduce((best, cell) => (cell.length > best.length ? cell : best), '');
}

function candidate(text: string, block: Block, label: string | null, strength: Requirement['strength']): Candidate {
  return {
    text,
    from: block.span.from,
    to: block.span.to,
    label,
    ordinal: block.ordinal,
    strength,
    section: block.section,
    introduces: false,
    meta: explainsKeywords(text),
  };
}

function introducesList(blocks: readonly Block[], index: number): boolean {
  const next = blocks[index + 1];
  return next?.kind === 'item' && next.section === blocks[index]?.section;
}

/** A list of names ("Timestamp", "Meter ID") completes the sentence before it; a list of sentences is a list of demands. */
function introducesNames(blocks: readonly Block[], index: number): boolean {
  if (!introducesList(blocks, index)) return false;
  const after = blocks.slice(index + 1);
  const end = after.findIndex((block) => block.kind !== 'item' || block.section !== blocks[index]?.section);
  const lengths = (end < 0 ? after : after.slice(0, end)).map((block) => block.text.split(/\s+/).length);
  return lengths.every((words) => words <= 6) && lengths.reduce((sum, words) => sum + words, 0) <= lengths.length * MOST_WORDS_OF_A_NAME;
}

/** "Edits or deletes drafts" under a role says what the system lets that role do. */
function isDuty(block: Block, kind: SectionKind | null): boolean {
  const first = /^\p{Lu}\p{Ll}+s(?=[\s,])/u.exec(block.text)?.[0]?.toLowerCase();
  if (kind !== 'actors' || block.kind !== 'item' || block.indent === 0 || first === undefined) return false;
  const base = verbBase(first);
  return base !== null && base !== first;
}
