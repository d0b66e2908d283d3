import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileDefinition } from './compile-definition.js';

const problemsOf = (text: string): readonly string[] => {
  const compiled = compileDefinition(text);
  return 'problems' in compiled ? compiled.problems.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
};
const withSteps = (...lines: readonly string[]): string => ['name: wf', 'steps:', ...lines].join('\n');

const VALID = `name: wf
inputs: {type: object, properties: {list: {type: array}}, additionalProperties: false}
steps:
  service-design:
    capability: work.design
    timeout: 5m
    retry: {maxAttempts: 3, initialInterval: 1s}
  each:
    needs: [service-design]
    capability: work
    forEach: {items: "\${{ inputs.list }}", concurrency: 3}
    with: {item: "\${{ item }}", from: "\${{ $length(steps.service-design.output.text) }}"}
    output: {type: object}
    gates:
      - {name: good, type: expression, expression: "\${{ output.n > 1 }}", onFail: {action: goto, step: service-design}}
      - {name: ok, type: approval, title: "Take \${{ output.n }}?"}
outputs: {all: "\${{ steps.each.output }}"}
`;

describe('compileDefinition', () => {
  it('takes a definition that uses everything', () => {
    const compiled = compileDefinition(VALID);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    expect([...(compiled.plan.steps.get('service-design')?.dependents ?? [])]).toEqual(['each']);
  });

  it.each([
    ['an unknown member', withSteps('  a: {capability: work, runs: 1}'), '3:31 unknown member "runs"'],
    ['a step that needs itself', withSteps('  a: {capability: work, needs: a}'), 'step "a" needs itself'],
    [
      'a need that is no step',
      withSteps('  a: {capability: work, needs: [x]}'),
      '3:33 step "a" needs "x", which is not a step; steps are a',
    ],
    [
      'a need that is named twice',
      withSteps('  a: {capability: work}', '  b: {capability: work, needs: [a, a]}'),
      '4:36 "a" is named twice',
    ],
    [
      'a circle',
      withSteps('  a: {capability: work, needs: b}', '  b: {capability: work, needs: a}'),
      '3:32 steps need each other in a circle: a → b → a',
    ],
    ['a key that is given twice', withSteps('  a: {capability: work, capability: work}'), '3:25 Map keys must be unique'],
    ['a bad duration', withSteps('  a: {capability: work, timeout: soon}'), '3:34 expected a duration like'],
    ['a duration of nothing', withSteps('  a: {capability: work, timeout: 0s}'), '3:34 duration "0s"; expected at least 1ms'],
    ['a bad schema', withSteps('  a: {capability: work, output: {type: nothing}}'), '3:33 not a JSON Schema'],
    [
      'a schema that answers later',
      withSteps('  a: {capability: work, output: {$async: true}}'),
      '3:33 not a JSON Schema: "$async" is not supported',
    ],
    ['a pattern that cannot be linear', withSteps('  a: {capability: work, output: {pattern: "(?=a)"}}'), '3:33 not a JSON Schema'],
    [
      'a goto to a step that is not needed',
      withSteps(
        '  a: {capability: work}',
        '  b: {capability: work, gates: [{name: g, type: schema, schema: {}, onFail: {action: goto, step: a}}]}',
      ),
      '4:98 cannot go to "a": step "b" does not need it',
    ],
    [
      'a read of a step that is not needed',
      withSteps('  a: {capability: work}', '  b: {capability: work, with: {x: "${{ $sum(steps.a.output) }}"}}'),
      'step "b" reads step "a" but does not need it',
    ],
    ['a read of no step', withSteps('  a: {capability: work, with: {x: "${{ steps.z.output }}"}}'), 'there is no step "z"'],
    ['an unknown root', withSteps('  a: {capability: work, with: {x: "${{ secrets.z }}"}}'), 'nothing is called "secrets" here'],
    ['an item outside a fan-out', withSteps('  a: {capability: work, with: {x: "${{ item }}"}}'), 'nothing is called "item" here'],
    [
      'an input that is not declared',
      `inputs: {properties: {a: {}}, additionalProperties: false}\n${withSteps('  a: {capability: work, with: {x: "${{ inputs.b }}"}}')}`,
      'the inputs have no "b"',
    ],
    ['an expression that does not parse', withSteps('  a: {capability: work, with: {x: "${{ 1 + }}"}}'), '3:35 not a JSONata expression'],
    ['an expression that is not closed', withSteps('  a: {capability: work, with: {x: "${{ 1"}}'), '3:35 expression is not closed'],
    ['what is not YAML', 'name: [', '1:'],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\nd: [${'*c,'.repeat(20)}]`,
      'alias',
    ],
    ['what is too large', `name: ${'x'.repeat(300_000)}`, '0:0 definition of 300006 bytes'],
    ['what is nested too deep', '['.repeat(100_000), '0:0 nested 100000 deep; at most 200'],
    ['a number that JSON does not have', withSteps('  a: {capability: work, with: {x: .nan}}'), '3:35 NaN is no JSON number'],
  ])('names the place of %s', (_, text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  it('gives every problem at once, in the order of their lines', () => {
    const text = withSteps(
      '  a: {capability: work, needs: x}',
      '  b: {capability: work, timeout: 0s}',
      '  c: {capability: work, needs: y}',
    );
    expect(problemsOf(text).map((problem) => problem.split(':')[0])).toEqual(['3', '4', '5']);
  });

  it('reads a member called "steps" as what it is', () => {
    expect(problemsOf(withSteps('  a: {capability: work, with: {x: "${{ $length(inputs.steps.foo) }}"}}'))).toEqual([]);
  });

  it('answers any damaged definition with a plan or problems', () => {
    const lines = VALID.split('\n');
    const mutation = fc.oneof(
      fc.nat(VALID.length).map((end) => VALID.slice(0, end)),
      fc.nat(lines.length - 1).map((gone) => lines.filter((_, index) => index !== gone).join('\n')),
      fc
        .tuple(fc.nat(VALID.length), fc.nat(12), fc.string({ unit: 'binary', maxLength: 8 }))
        .map(([at, length, text]) => VALID.slice(0, at) + text + VALID.slice(at + length)),
      fc
        .tuple(
          fc.nat(VALID.length),
          fc.constantFrom('null', '[]', '{}', '1', '${{', '}}', '"', '&a', '*a', '- ', ': ', '__proto__: 1', '\t'),
        )
        .map(([at, text]) => VALID.slice(0, at) + text + VALID.slice(at)),
    );
    fc.assert(
      fc.property(mutation, (text) => {
        const compiled = compileDefinition(text);
        if ('problems' in compiled)
          return compiled.problems.length > 0 && compiled.problems.every(({ line, column }) => line >= 0 && column >= 0);
        return compiled.plan.steps.size > 0;
      }),
      { numRuns: 500, seed: 1 },
    );
  }, 60_000);
});
