import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@tutti/kernel';
import { compileTemplate, expressionsOf, fillTemplate, type TemplateProblem } from './template.js';

const fill = (value: JsonValue, values: Readonly<Record<string, JsonValue>> = {}): JsonValue | undefined => {
  const problems: TemplateProblem[] = [];
  const template = compileTemplate(value, problems);
  expect(problems).toEqual([]);
  return fillTemplate(template, ({ source }) => values[source]);
};

describe('a template', () => {
  it('leaves what holds no expression as it is', () => {
    const value = { a: [1, null, 'x }} y'], b: { c: true } };
    expect(compileTemplate(value, [])).toEqual({ kind: 'constant', value });
  });

  it('keeps the type of a text that is one expression, and makes text of several', () => {
    expect(fill({ one: ' ${{ n }} ', text: 'n=${{ n }}, o=${{ o }}, ${{ gone }}' }, { n: 1, o: { a: 1 } })).toEqual({
      one: 1,
      text: 'n=1, o={"a":1}, ',
    });
  });

  it('leaves out a member that is nothing, and puts null in a list', () => {
    expect(fill({ a: '${{ gone }}', b: ['${{ gone }}'] })).toEqual({ b: [null] });
  });

  it('finds the end of an expression that holds "}}" itself', () => {
    const template = compileTemplate('${{ {"a": {"b": 1}} }}!', []);
    expect(expressionsOf(template).map(({ source }) => source)).toEqual(['{"a": {"b": 1}}']);
  });

  it('says where each expression that is none stands', () => {
    const problems: TemplateProblem[] = [];
    compileTemplate({ a: ['ok', '${{ 1 + }}'], b: '${{ open' }, problems);
    expect(problems.map(({ path }) => path)).toEqual([['a', 1], ['b']]);
  });

  it('gives up soon on a text of nothing but ends', () => {
    const problems: TemplateProblem[] = [];
    compileTemplate(`\${{ ( ${'}} '.repeat(3_000)}`, problems);
    expect(problems).toHaveLength(1);
  });
});
