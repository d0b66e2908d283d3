import type { Evidence } from '../model/evidence.schema.js';
import type { Block } from '../reading/blocks.js';
import { isLabelCell } from './labels.js';
import { isPerson } from './people.js';
import type { SectionKind } from './section-kinds.js';
import { kindOfSection, kindOfTitle } from './section-kinds.js';

const MOST_WORDS = 5;
/** "Marit, control-tower operator (…)": a person made up for a role. */
const PERSONA = /^\p{Lu}[\p{L}'’ ]{1,24}, (?:an? |the )?([\p{Ll}][\p{L}'’ -]{2,60}?)(?= at | of | in | who | for |\s?[.(,]|$)/u;

export interface ListedName {
  readonly name: string;
  readonly rest: string;
  /** From a table, where the column says what it is. */
  readonly row: boolean;
  readonly evidence: Evidence;
}

/** The names that a section of this kind lists: subheadings, "Name: …" items, first cells of rows. */
export function namesListedUnder(blocks: readonly Block[], kind: SectionKind): readonly ListedName[] {
  const names: ListedName[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') {
      const parent = block.section?.parent ?? null;
      if (parent !== null && kindOfTitle(parent.title) === kind && kindOfTitle(block.text) === null) push(names, block.text, '', block);
      continue;
    }
    if (kindOfSection(block.section) !== kind) continue;
    if (block.section !== null && kindOfTitle(block.section.title) !== kind && block.kind === 'item') continue;
    const role = kind === 'actors' && block.kind !== 'row' ? PERSONA.exec(block.text)?.[1] : undefined;
    if (role !== undefined && isPerson(role)) {
      push(names, role, '', block);
      continue;
    }
    if (block.kind === 'row') {
      const at = block.cells.findIndex((cell) => /\p{L}{2}/u.test(cell) && !/^[A-Z]{1,4}-?\d+$/.test(cell));
      if (at >= 0) push(names, (block.cells[at] ?? '').split(/[:(–—]/)[0] ?? '', block.cells.slice(at + 1).join(', '), block);
    } else if (block.kind === 'item' || /^\p{Lu}[\p{L} /-]{1,40}(?::| [–—-] )/u.test(block.text)) {
      const match =
        /^(?:the |an? )?([^:–—(.,;]{2,60}?)(?:\s?[:(–—]|\s-\s|,|\.|;|$|\s(?=(?:who|that|which|is|are|has|have|can|may|must|shall|will|should|needs?|uses?|to|for|via|with)\b))/iu.exec(
          block.text,
        );
      if (match !== null) push(names, match[1] ?? '', block.text.slice(match[0].length), block);
    }
  }
  return names;
}

function push(names: ListedName[], name: string, rest: string, block: Block): void {
  const plain = name
    .replace(/^\d+(?:\.\d+)*\.?\s+/, '')
    .replace(/^(?:primary|secondary|tertiary|persona|role|actor|group)(?: \d+)?\s*[:–—-]\s*/i, '')
    .trim();
  // A cell may say what for; the name is what stands before that.
  const clean = block.kind === 'row' && plain.split(/\s+/).length > MOST_WORDS ? (plain.split(/ (?:for|to|of|with) /)[0] ?? plain) : plain;
  const words = clean.split(/\s+/).length;
  if (clean.length < 2 || isLabelCell(clean) || words > MOST_WORDS || !/^[\p{L}\p{N}]/u.test(clean)) return;
  names.push({ name: clean, rest, row: block.kind === 'row', evidence: { text: block.text, from: block.span.from, to: block.span.to } });
}
