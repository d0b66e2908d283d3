import { isNode, LineCounter, parseDocument, type Document } from 'yaml';

export interface DefinitionProblem {
  /** 1-based; 0 when it has none. */
  readonly line: number;
  readonly column: number;
  /** JSON Pointer. */
  readonly path: string;
  readonly message: string;
}

export interface ParsedSource {
  readonly value: unknown;
  readonly problems: readonly DefinitionProblem[];
  /** Makes a problem at a path; where the path does not exist in the text, at the nearest that does. */
  readonly at: (path: readonly PropertyKey[], message: string) => DefinitionProblem;
}

/** Brackets that are open at once. */
const MAX_DEPTH = 200;

/** Parses YAML (and so JSON) and remembers where everything stood. */
export function parseSource(text: string): ParsedSource {
  const depth = deepestNesting(text);
  if (depth > MAX_DEPTH) return refuse(`nested ${depth} deep; at most ${MAX_DEPTH} are taken`);
  try {
    return parseShallow(text);
  } catch (error) {
    return refuse(`not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** As {@link parseSource}, of a value that was never written down: it has paths, but no lines. */
export function valueSource(value: unknown): ParsedSource {
  return { value, problems: [], at: (path, message) => ({ line: 0, column: 0, path: pointer(path), message }) };
}

function refuse(message: string): ParsedSource {
  const at: ParsedSource['at'] = (path, text) => ({ line: 0, column: 0, path: pointer(path), message: text });
  return { value: null, problems: [at([], message)], at };
}

/** Brackets open at once, those in texts included: parsers recurse over them, this does not. */
function deepestNesting(text: string): number {
  let open = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, ++open);
    else if (character === ']' || character === '}') open = Math.max(0, open - 1);
  }
  return deepest;
}

function parseShallow(text: string): ParsedSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, version: '1.2' });
  const at = (path: readonly PropertyKey[], message: string): DefinitionProblem => ({
    ...locate(document, lines, path),
    path: pointer(path),
    message,
  });
  const problems = [...document.errors, ...document.warnings].map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { line, column: col, path: '', message: error.message };
  });
  if (problems.length > 0) return { value: null, problems, at };
  try {
    const value = document.toJS({ maxAliasCount: 100 }) as unknown;
    const strange = notJson(value, [], new Set());
    return strange === null ? { value, problems, at } : { value: null, problems: [at(strange.path, strange.message)], at };
  } catch (error) {
    return { value: null, problems: [at([], error instanceof Error ? error.message : String(error))], at };
  }
}

/** The first thing that YAML has and JSON has not: a number without an end, or an alias inside of what it stands for. */
function notJson(
  value: unknown,
  path: readonly string[],
  within: Set<object>,
): { readonly path: readonly string[]; readonly message: string } | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : { path, message: `${value} is no JSON number` };
  if (typeof value !== 'object' || value === null) return null;
  if (within.has(value)) return { path, message: 'an alias stands inside of what it stands for' };
  within.add(value);
  for (const [key, member] of Object.entries(value)) {
    const found = notJson(member, [...path, key], within);
    if (found !== null) return found;
  }
  within.delete(value);
  return null;
}

function locate(document: Document, lines: LineCounter, path: readonly PropertyKey[]): { line: number; column: number } {
  for (let depth = path.length; depth >= 0; depth--) {
    const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 0, column: 0 };
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
