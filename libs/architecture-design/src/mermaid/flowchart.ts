/** Nodes, groups and edges of a C4 diagram, written as a plain Mermaid flowchart that every Mermaid reader accepts. */
export interface DiagramNode {
  readonly id: string;
  readonly name: string;
  /** Second line of the label, for example "person" or "relational database". */
  readonly kind: string;
  readonly shape: 'person' | 'box' | 'store' | 'outside';
}

export interface DiagramGroup {
  readonly id: string;
  readonly name: string;
  readonly nodes: readonly DiagramNode[];
}

export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly dashed?: boolean;
}

export interface Diagram {
  readonly direction: 'TB' | 'LR';
  readonly nodes: readonly DiagramNode[];
  readonly groups: readonly DiagramGroup[];
  readonly edges: readonly DiagramEdge[];
}

const LONGEST_LABEL = 70;

export function renderFlowchart(diagram: Diagram): string {
  const ids = new Map<string, string>();
  const idOf = (id: string): string => {
    const known = ids.get(id) ?? `n${ids.size + 1}`;
    ids.set(id, known);
    return known;
  };
  const lines = [`flowchart ${diagram.direction}`];
  for (const node of diagram.nodes) lines.push(`  ${nodeOf(node, idOf(node.id))}`);
  for (const [index, group] of diagram.groups.entries()) {
    lines.push(`  subgraph g${index + 1}["${labelText(group.name)}"]`);
    for (const node of group.nodes) lines.push(`    ${nodeOf(node, idOf(node.id))}`);
    lines.push('  end');
  }
  for (const edge of diagram.edges) {
    const from = ids.get(edge.from);
    const to = ids.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    const arrow = edge.dashed === true ? '-.->' : '-->';
    lines.push(edge.label === '' ? `  ${from} ${arrow} ${to}` : `  ${from} ${arrow}|"${labelText(edge.label)}"| ${to}`);
  }
  return lines.join('\n');
}

function nodeOf(node: DiagramNode, id: string): string {
  const label = `"${labelText(node.name)}<br/>${labelText(`[${node.kind}]`)}"`;
  if (node.shape === 'person') return `${id}([${label}])`;
  if (node.shape === 'store') return `${id}[(${label})]`;
  if (node.shape === 'outside') return `${id}[[${label}]]`;
  return `${id}[${label}]`;
}

/**
 * Any text as the inside of a quoted Mermaid label. Everything but letters, digits, spaces and harmless punctuation
 * becomes a numeric entity, so no input can close the label, start markdown, HTML or a directive.
 */
export function labelText(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  // "1. " or "- " at the start of a label would be read as a markdown list.
  const listMark = /^(?:\d+[.)]|[-+])(?=\s)/.exec(flat)?.[0].length ?? 0;
  const characters = [...flat];
  const short = characters.length > LONGEST_LABEL ? [...characters.slice(0, LONGEST_LABEL - 1), '…'] : characters;
  const safe = short
    .map((character, index) =>
      index >= listMark && /[\p{L}\p{N} ,.:()[\]/+'’…–—-]/u.test(character)
        ? entityInBrackets(character)
        : isPrintable(character)
          ? `#${character.codePointAt(0) ?? 32};`
          : ' ',
    )
    .join('');
  return safe.trim() === '' ? '(no name)' : safe;
}

function entityInBrackets(character: string): string {
  return '[]()'.includes(character) ? `#${character.codePointAt(0) ?? 32};` : character;
}

function isPrintable(character: string): boolean {
  return !/[\p{C}]/u.test(character);
}
