import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { agentFile, type AgentFile } from './agent-file.schema.js';

export interface AgentProblem {
  readonly file: string;
  /** From 1; null when it is about the file as a whole. */
  readonly line: number | null;
  readonly message: string;
}

type ParsedAgentFile = { readonly agent: AgentFile; readonly nameLine: number } | { readonly problems: readonly AgentProblem[] };

/** An agent from the text of its file, or everything that is wrong with it. Pure. */
export function parseAgentFile(file: string, text: string): ParsedAgentFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({ file, line: lines.linePos(error.pos[0]).line, message: `not YAML: ${error.message}` })),
    };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { problems: [{ file, line: null, message: `not YAML: ${(error as Error).message}` }] };
  }
  const parsed = agentFile.safeParse(value);
  if (parsed.success) return { agent: parsed.data, nameLine: lineOf(document, lines, ['name']) };
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    // The line of the unknown key itself, where there is one.
    const at = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path;
    return { file, line: lineOf(document, lines, at), message: `${path.length === 0 ? '' : `${path.join('.')}: `}${issue.message}` };
  });
  return { problems };
}

/** Line of what the path leads to; of the nearest thing around it where it leads to nothing. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
