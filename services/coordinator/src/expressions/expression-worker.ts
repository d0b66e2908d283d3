// Runs in a worker thread, alone: imports nothing of Tutti, so that it loads as it is. In this thread where a simulation must know what happens when.
import { parentPort } from 'node:worker_threads';
import jsonata from 'jsonata';
import { RE2JS } from 're2js';

export interface Job {
  readonly id: number;
  readonly source: string;
  readonly data: Record<string, unknown>;
  readonly outcome: 'success' | 'failure' | 'skipped' | null;
  readonly now: number;
}

const MAX_RESULT_BYTES = 16 * 1024 * 1024;
const MAX_PAD = 1_000_000;
const CACHE_SIZE = 500;
const compiled = new Map<string, jsonata.Expression>();

/** JSONata's regular expressions on RE2: linear in the text, whatever the pattern. */
class LinearRegExp {
  lastIndex = 0;
  private readonly pattern: RE2JS;

  constructor(source: string | RegExp, flags = '') {
    const text = typeof source === 'string' ? source : source.source;
    const all = typeof source === 'string' ? flags : source.flags;
    this.pattern = RE2JS.compile(text, (all.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) | (all.includes('m') ? RE2JS.MULTILINE : 0));
  }

  exec(text: string): (string | undefined)[] | null {
    const matcher = this.pattern.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
    this.lastIndex = matcher.end();
    return Object.assign(groups, { index: matcher.start(), input: text });
  }

  test(text: string): boolean {
    return this.exec(text) !== null;
  }
}

function compile(source: string): jsonata.Expression {
  let expression = compiled.get(source);
  if (expression === undefined) {
    expression = jsonata(source, { RegexEngine: LinearRegExp as unknown as RegExpConstructor });
    expression.registerFunction(
      'pad',
      (text: string, width: number, fill?: string) => {
        const length = Math.abs(width);
        if (length > MAX_PAD) throw new Error(`$pad to ${length} characters; at most ${MAX_PAD}`);
        return width < 0 ? text.padStart(length, fill ?? ' ') : text.padEnd(length, fill ?? ' ');
      },
      '<s-ns?:s>',
    );
    if (compiled.size >= CACHE_SIZE) compiled.delete(compiled.keys().next().value ?? '');
    compiled.set(source, expression);
  }
  return expression;
}

/** JSONata's own functions and lambdas are objects that carry a mark. */
function isFunction(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value);
}

export async function evaluate(job: Job): Promise<unknown> {
  const expression = compile(job.source);
  const input: Record<string, unknown> = { ...job.data };
  if (job.outcome !== null) {
    input['always'] = () => true;
    input['success'] = () => job.outcome === 'success';
    input['failure'] = () => job.outcome === 'failure';
  }
  const result: unknown = await expression.evaluate(input, { now: () => new Date(job.now).toISOString(), millis: () => job.now });
  if (result === undefined) return undefined;
  if (isFunction(result)) throw new Error('the expression gave a function, not a value');
  const text = JSON.stringify(result);
  if (text === undefined) throw new Error('the expression gave a function, not a value');
  if (text.length > MAX_RESULT_BYTES) throw new Error(`the expression gave ${text.length} characters of JSON; at most ${MAX_RESULT_BYTES}`);
  // The round trip drops what JSONata hangs on its sequences.
  return JSON.parse(text);
}

parentPort?.on('message', (job: Job) => {
  evaluate(job).then(
    (value) => parentPort?.postMessage({ id: job.id, value }),
    (error: unknown) => parentPort?.postMessage({ id: job.id, problem: String((error as { message?: string }).message ?? error) }),
  );
});
