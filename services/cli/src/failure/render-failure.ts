import type { Style } from '../terminal/style.js';
import { sanitizeText } from '../terminal/text-width.js';
import type { Failure, Problem } from './failure.js';
import { hintFor } from './hints.js';

/**
 * The failure as lines for a person: message and code, what it is about, every problem with its place, what to do next. Never a stack, unless
 * asked for.
 */
export function renderFailure(failure: Failure, style: Style, options: { readonly debug: boolean }): readonly string[] {
  const lines = [`${style.red('error:')} ${sanitizeText(failure.message)} ${style.dim(`(${failure.code})`)}`];
  if (failure.where !== undefined) lines.push(style.dim(`  at ${sanitizeText(failure.where)}`));
  lines.push(...renderProblems(failure.problems, failure.source ?? '', style));
  const hint = failure.hint ?? hintFor(failure.code);
  if (hint !== undefined) lines.push(`${style.cyan('hint:')} ${hint}`);
  if (options.debug) lines.push(...stacks(failure));
  return lines;
}

/** `workflow.yaml:12:5  message (/steps/x)`, one line each. */
export function renderProblems(problems: readonly Problem[], source: string, style: Style): readonly string[] {
  return problems.map(({ line, column, path, message }) => {
    const place = line > 0 ? [source, line, ...(column > 0 ? [column] : [])].join(':') : source;
    const pointer = path === '' ? '' : ` ${style.dim(`(${sanitizeText(path)})`)}`;
    return `  ${place === '' ? '' : `${style.bold(sanitizeText(place))}  `}${sanitizeText(message)}${pointer}`;
  });
}

/** The failure for a program to read. */
export function failureJson(failure: Failure): object {
  const hint = failure.hint ?? hintFor(failure.code);
  return {
    error: {
      code: failure.code,
      message: failure.message,
      exitCode: failure.exitCode,
      retryable: failure.retryable,
      ...(failure.where === undefined ? {} : { where: failure.where }),
      ...(failure.source === undefined ? {} : { source: failure.source }),
      ...(failure.problems.length === 0 ? {} : { problems: failure.problems }),
      ...(hint === undefined ? {} : { hint }),
    },
  };
}

function stacks(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  return [...(error.stack ?? '').split('\n'), ...stacks(error.cause)];
}
