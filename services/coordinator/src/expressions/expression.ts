import jsonata from 'jsonata';

/** A compiled expression: its text, what it reads, and, where it is a plain path, that path. */
export interface Expression {
  /** As it was written. */
  readonly source: string;
  /** As JSONata takes it. */
  readonly code: string;
  /** Steps whose output, status or approvals it reads. */
  readonly steps: readonly string[];
  /** It reads `steps` without saying which, and so may look at any. */
  readonly readsAllSteps: boolean;
  /** Names it reads at the top: `inputs`, `steps`, `item`, `output`, … */
  readonly roots: ReadonlySet<string>;
  /** Set for `a.b.c`: it is then walked without JSONata. */
  readonly path: readonly string[] | null;
  /** It asks always(), success() or failure(), so that its step is looked at whatever became of its needs. */
  readonly asksOutcome: boolean;
}

const MAX_SOURCE_LENGTH = 10_000;
const NAME = '[A-Za-z_][A-Za-z0-9_]*';
const PLAIN_PATH = new RegExp(`^${NAME}(\\.${NAME})*$`);
/** `steps.service-design.output` reads as in GitHub Actions, though "-" is JSONata's minus. */
const STEP_PATH = new RegExp(`^steps\\.[A-Za-z][A-Za-z0-9_-]*(\\.${NAME})*$`);
/** A text in quotes, which is left alone, or a step's name with hyphens, which JSONata wants in backquotes. */
const TEXT_OR_HYPHENATED_STEP = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\bsteps\.([A-Za-z]\w*(?:-\w+)+)/g;
const OUTCOME_CALLS = new Set(['always', 'success', 'failure']);
/** What JSONata reads as words of its own where a name could stand. */
const WORDS = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

export function compileExpression(source: string): Expression | { readonly problem: string } {
  if (source === '') return { problem: 'expression is empty' };
  if (source.length > MAX_SOURCE_LENGTH)
    return { problem: `expression of ${source.length} characters; at most ${MAX_SOURCE_LENGTH} are taken` };
  if (PLAIN_PATH.test(source) || STEP_PATH.test(source)) {
    const path = source.split('.');
    if (!path.some((name) => WORDS.has(name))) return plainPath(source, path);
  }
  const code = source.replace(TEXT_OR_HYPHENATED_STEP, (text, step: string | undefined) =>
    step === undefined ? text : `steps.\`${step}\``,
  );
  try {
    const tree: unknown = jsonata(code).ast();
    const reads = new Reads();
    reads.visit(tree);
    return {
      source,
      code,
      steps: [...reads.steps],
      readsAllSteps: reads.readsAllSteps,
      roots: reads.roots,
      path: null,
      asksOutcome: reads.asksOutcome,
    };
  } catch (error) {
    const position = (error as { position?: number }).position;
    const message = error instanceof Error ? error.message : String((error as { message?: string }).message ?? error);
    return { problem: `not a JSONata expression: ${message}${position === undefined ? '' : ` (at character ${position})`}` };
  }
}

function plainPath(source: string, path: readonly string[]): Expression {
  const [root = '', step] = path;
  return {
    source,
    code: path.map((name) => (name.includes('-') ? `\`${name}\`` : name)).join('.'),
    path,
    roots: new Set([root]),
    steps: root === 'steps' && step !== undefined ? [step] : [],
    readsAllSteps: root === 'steps' && step === undefined,
    asksOutcome: false,
  };
}

/** Collects what a JSONata syntax tree reads. Every name at the head of a path counts as read from the top: too many are harmless. */
class Reads {
  readonly steps = new Set<string>();
  readonly roots = new Set<string>();
  readsAllSteps = false;
  asksOutcome = false;

  visit(node: unknown): void {
    if (Array.isArray(node)) {
      node.forEach((child) => this.visit(child));
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, steps, value, procedure } = node as {
      type?: string;
      steps?: readonly { type?: string; value?: unknown }[];
      value?: unknown;
      procedure?: unknown;
    };
    if (type === 'path' && steps !== undefined) this.readPath(steps);
    if (type === 'function' && procedure !== undefined && isOutcomeCall(procedure)) this.asksOutcome = true;
    if (type === 'name' && typeof value === 'string') this.roots.add(value);
    for (const [key, child] of Object.entries(node)) {
      if (key !== 'position' && key !== 'value' && key !== 'type') this.visit(child);
      else if (key === 'value' && typeof child === 'object') this.visit(child);
    }
  }

  private readPath(steps: readonly { type?: string; value?: unknown }[]): void {
    const names = steps.map((step) => (step.type === 'name' && typeof step.value === 'string' ? step.value : null));
    const [head] = steps;
    // `$$` and `$` stand for the whole; a member called "steps" further down is something else.
    const at = head?.type === 'variable' && (head.value === '$' || head.value === '') ? 1 : 0;
    if (names[at] !== 'steps') return;
    const step = names[at + 1];
    if (step === null || step === undefined) this.readsAllSteps = true;
    else this.steps.add(step);
  }
}

function isOutcomeCall(procedure: unknown): boolean {
  const { type, value, steps } = procedure as { type?: string; value?: unknown; steps?: readonly { value?: unknown }[] };
  const name = type === 'path' && steps?.length === 1 ? steps[0]?.value : value;
  return typeof name === 'string' && OUTCOME_CALLS.has(name);
}
