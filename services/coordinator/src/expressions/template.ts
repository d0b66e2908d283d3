import { isJsonObject, type JsonValue } from '@tutti/kernel';
import { compileExpression, type Expression } from './expression.js';

/** A JSON value whose texts may hold `${{ … }}`. A text that is one expression takes its value; others take it as text. */
export type Template =
  | { readonly kind: 'constant'; readonly value: JsonValue }
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Template])[] };

export interface TemplateProblem {
  /** Path inside the value. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Compiles every expression in the value; what does not compile is a problem and stands as null. */
export function compileTemplate(value: JsonValue, problems: TemplateProblem[], path: readonly (string | number)[] = []): Template {
  if (typeof value === 'string') return compileText(value, problems, path);
  if (Array.isArray(value)) {
    const items = value.map((item: JsonValue, index) => compileTemplate(item, problems, [...path, index]));
    return items.every((item) => item.kind === 'constant') ? { kind: 'constant', value } : { kind: 'list', items };
  }
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([key, member]) => [key, compileTemplate(member, problems, [...path, key])] as const);
    return members.every(([, member]) => member.kind === 'constant') ? { kind: 'constant', value } : { kind: 'object', members };
  }
  return { kind: 'constant', value };
}

/** Every expression of the template. */
export function expressionsOf(template: Template): readonly Expression[] {
  switch (template.kind) {
    case 'constant':
      return [];
    case 'expression':
      return [template.expression];
    case 'text':
      return template.parts.filter((part) => typeof part !== 'string');
    case 'list':
      return template.items.flatMap(expressionsOf);
    case 'object':
      return template.members.flatMap(([, member]) => expressionsOf(member));
  }
}

/** Puts the values of its expressions into the template. A member whose expression gave nothing is left out; elsewhere nothing is null. */
export function fillTemplate(template: Template, valueOf: (expression: Expression) => JsonValue | undefined): JsonValue | undefined {
  switch (template.kind) {
    case 'constant':
      return template.value;
    case 'expression':
      return valueOf(template.expression);
    case 'text':
      return template.parts.map((part) => (typeof part === 'string' ? part : asText(valueOf(part)))).join('');
    case 'list':
      return template.items.map((item) => fillTemplate(item, valueOf) ?? null);
    case 'object':
      return Object.fromEntries(
        template.members.flatMap(([key, member]) => {
          const value = fillTemplate(member, valueOf);
          return value === undefined ? [] : [[key, value] as const];
        }),
      );
  }
}

function asText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function compileText(text: string, problems: TemplateProblem[], path: readonly (string | number)[]): Template {
  const parts: (string | Expression)[] = [];
  let rest = text;
  for (;;) {
    const open = rest.indexOf('${{');
    if (open < 0) break;
    const close = rest.indexOf('}}', open + 3);
    if (close < 0) {
      problems.push({ path, message: 'expression is not closed: expected "}}" after "${{"' });
      return { kind: 'constant', value: null };
    }
    const end = endOfExpression(rest, open + 3, close);
    const compiled = compileExpression(rest.slice(open + 3, end).trim());
    if ('problem' in compiled) {
      problems.push({ path, message: compiled.problem });
      return { kind: 'constant', value: null };
    }
    if (open > 0) parts.push(rest.slice(0, open));
    parts.push(compiled);
    rest = rest.slice(end + 2);
  }
  if (parts.length === 0) return { kind: 'constant', value: text };
  if (rest.length > 0) parts.push(rest);
  const meaningful = parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  const [only] = meaningful;
  if (meaningful.length === 1 && only !== undefined && typeof only !== 'string') return { kind: 'expression', expression: only };
  return { kind: 'text', parts };
}

/** Each is a compilation of its own. */
const MAX_CLOSES = 50;

/** `}}` may stand inside an expression (a nested object literal); the first one behind which the text compiles ends it. */
function endOfExpression(text: string, start: number, firstClose: number): number {
  let tries = 0;
  for (let close = firstClose; close >= 0 && tries < MAX_CLOSES; close = text.indexOf('}}', close + 1), tries++) {
    if (!('problem' in compileExpression(text.slice(start, close).trim()))) return close;
  }
  return firstClose;
}
