import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import jsonata from 'jsonata';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import { compileExpression, type Expression } from './expression.js';
import { isTruthy, walkPath } from './scope.js';

function compile(source: string): Expression {
  const compiled = compileExpression(source);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled;
}

describe('compileExpression', () => {
  it.each([
    ['inputs.a', [], ['inputs'], true],
    ['steps.service-design.output.x', ['service-design'], ['steps'], true],
    ['steps.a.output + steps.b-c.output', ['a', 'b-c'], ['steps'], false],
    ['$$.steps.a.output + 1', ['a'], ['steps'], false],
    ['"steps.a-b" & inputs.x', [], ['inputs'], false],
    ['$map(inputs.list, function($x) { $x.y + steps.z.output })', ['z'], ['inputs', 'steps'], false],
    ['$length(inputs.steps.foo)', [], ['inputs'], false],
  ])('knows what %s reads', (source, steps, roots, isPath) => {
    const expression = compile(source);
    expect([expression.steps, roots.every((root) => expression.roots.has(root)), expression.path !== null]).toEqual([steps, true, isPath]);
  });

  it.each([
    ['$keys(steps)', true],
    ['steps', true],
    ['steps.a.output & $lookup(steps, "b").status', true],
    ['steps.a.output', false],
  ])('knows whether %s may look at any step', (source, all) => {
    expect(compile(source).readsAllSteps).toBe(all);
  });

  it('sees a question for the outcome', () => {
    expect(['always()', 'failure() and inputs.x', 'inputs.always', 'inputs.x'].map((source) => compile(source).asksOutcome)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each(['', '1 +', '(', '('.repeat(9_000), 'x'.repeat(10_001)])('refuses what is no expression (%#)', (source) => {
    expect(compileExpression(source)).toMatchObject({ problem: expect.any(String) });
  });

  it.each(['true', 'null', 'false'])('takes %s for the value', (source) => {
    expect(compile(source).path).toBeNull();
  });
});

describe('walkPath', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
    tree: fc.oneof({ maxDepth: 5 }, leaf, fc.dictionary(key, tie('tree'))),
  }));

  it('gives what JSONata gives, over any JSON without lists', async () => {
    const data = fc.dictionary(key, tree) as fc.Arbitrary<JsonObject>;
    await fc.assert(
      fc.asyncProperty(data, fc.array(key, { minLength: 1, maxLength: 4 }), async (object, path) => {
        const expected: unknown = await jsonata(path.join('.')).evaluate(object);
        expect(walkPath(path, object)).toEqual({ value: expected });
      }),
      { numRuns: 1_000, seed: 1 },
    );
  });

  it('is unsure where a list comes before the end, and gives a list at the end', () => {
    expect(walkPath(['a', 'b'], { a: [{ b: 1 }] })).toBe('unsure');
    expect(walkPath(['a'], { a: [1] })).toEqual({ value: [1] });
  });
});

describe('isTruthy', () => {
  it('casts as JSONata does', async () => {
    const values: readonly JsonValue[] = [null, 0, 1, '', 'x', true, false, [], [0], [0, 1], [[]], {}, { a: 1 }];
    for (const value of values)
      expect([value, isTruthy(value)]).toEqual([value, Boolean(await jsonata('$boolean(v)').evaluate({ v: value }))]);
  });
});
