import { describe, expect, it } from '@jest/globals';
import { workflowDefinition } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import { parse } from 'yaml';
import { compileDefinition } from '../compile-definition.js';
import { definitionTypeProblems } from './definition-type-problems.js';

const WORKFLOWS: Readonly<Record<string, JsonObject>> = {
  billing: { type: 'object', required: ['amount'], properties: { amount: { type: 'number' } }, additionalProperties: false },
};

const problemsOf = (text: string): readonly string[] => {
  const compiled = compileDefinition(text);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return definitionTypeProblems(text, compiled.definition, (name) => WORKFLOWS[name]).map(({ line, message }) => `${line}: ${message}`);
};

const DRAFT = `name: wf
inputs:
  type: object
  additionalProperties: false
  required: [topic, orders]
  properties:
    topic: {type: string}
    kind: {enum: [short, long]}
    orders: {type: array, items: {$ref: "#/$defs/order"}}
    nested: {type: object, properties: {a: {type: object, properties: {b: {type: integer}}, additionalProperties: false}}}
  $defs:
    order: {type: object, properties: {id: {type: string}, amount: {type: number}}, additionalProperties: false}
steps:
  draft:
    capability: text.draft
    output:
      type: object
      additionalProperties: false
      required: [title, words]
      properties:
        title: {type: number}
        words: {type: integer, minimum: 0}
        tone: {enum: [dry, warm]}
        by: {anyOf: [{type: object, properties: {name: {type: string}}, additionalProperties: false}, {type: "null"}]}
`;
const FIRST_LINE = DRAFT.split('\n').length;
const withSteps = (...lines: readonly string[]): string => `${DRAFT}${lines.map((line) => `  ${line}\n`).join('')}`;
const step = (members: string): string => withSteps(`next: {capability: work, needs: draft, ${members}}`);

describe('what can never work in a definition', () => {
  it.each([
    [
      'a member that the schema does not have',
      step('with: {x: "${{ steps.draft.output.titel }}"}'),
      'steps.draft.output has no "titel"; it has title, words, tone, by',
    ],
    [
      'a member of a number',
      step('with: {x: "${{ steps.draft.output.title.text }}"}'),
      'steps.draft.output.title is a number, which has no members',
    ],
    [
      'a member that no alternative has',
      step('with: {x: "${{ steps.draft.output.by.age }}"}'),
      'steps.draft.output.by has no "age"; it has name',
    ],
    [
      'a member deep in an expression',
      step('with: {x: "${{ $length(steps.draft.output.titel) > 3 }}"}'),
      'in "$length(steps.draft.output.titel) > 3": steps.draft.output has no "titel"',
    ],
    ['a member in a longer text', step('with: {x: "Title: ${{ steps.draft.output.titel }}!"}'), 'has no "titel"'],
    ['an input deep inside', step('with: {x: "${{ inputs.nested.a.c }}"}'), 'inputs.nested.a has no "c"; it has b'],
    [
      'a member of the items of a list',
      step('with: {x: "${{ inputs.orders.price }}"}'),
      'inputs.orders is a list, whose items have no "price"',
    ],
    [
      'a member of an item',
      withSteps('each: {capability: work, forEach: {items: "${{ inputs.orders }}"}, with: {x: "${{ item.price }}"}}'),
      'item has no "price"; it has id, amount',
    ],
    [
      'a list that is a number',
      withSteps('each: {capability: work, forEach: {items: "${{ inputs.topic }}"}}'),
      'inputs.topic is a string, expected a list for forEach of step each',
    ],
    ['a list that is a literal', withSteps('each: {capability: work, forEach: {items: "${{ 5 }}"}}'), '5 is 5, expected a list'],
    [
      'an input of the wrong type',
      step('input: {type: object, properties: {title: {type: string}}}, with: {title: "${{ steps.draft.output.title }}"}'),
      `steps.draft.output.title is a number, expected a string for input "title" of step next (line ${FIRST_LINE})`,
    ],
    [
      'an input that is missing',
      step('input: {type: object, required: [title]}, with: {}'),
      `the input of step next (line ${FIRST_LINE}): "title" is missing; it is required`,
    ],
    [
      'an input that is not taken',
      step('input: {type: object, properties: {title: {}}, additionalProperties: false}, with: {titel: a}'),
      '"titel" is not taken; expected title',
    ],
    [
      'an input out of bounds',
      step('input: {type: object, properties: {n: {type: integer, minimum: 1}}}, with: {n: 0}'),
      'input "n" of step next',
    ],
    [
      'an input that is none of the values',
      step('input: {type: object, properties: {t: {enum: [cold]}}}, with: {t: "${{ steps.draft.output.tone }}"}'),
      'steps.draft.output.tone is one of "dry", "warm", expected "cold"',
    ],
    [
      'an input that fits no alternative',
      step(
        'input: {oneOf: [{type: object, required: [a], properties: {k: {const: 1}}}, {type: object, required: [b]}]}, with: {a: x, k: 2}',
      ),
      'the input of step next',
    ],
    [
      'an input of another workflow',
      withSteps('bill: {workflow: billing, with: {amount: "${{ inputs.topic }}"}}'),
      'inputs.topic is a string, expected a number for input "amount" of workflow billing',
    ],
    [
      'no input where another workflow needs one',
      withSteps('bill: {workflow: billing}'),
      'the input of workflow billing: "amount" is missing',
    ],
    ['a priority that is a text', step('priority: "${{ inputs.topic }}"'), 'inputs.topic is a string, expected a whole number'],
    ['arithmetic with a text', step('with: {x: "${{ inputs.topic + 1 }}"}'), 'a string beside "+"; expected a number'],
    [
      'an order between a text and a number',
      step('if: "${{ inputs.topic > 1 }}"'),
      '">" between a string and 1; expected two numbers or two strings',
    ],
    [
      'an output that cannot be',
      withSteps('bad: {capability: work, output: {type: object, required: [a], properties: {a: false}}}'),
      'no output of step bad can match this schema',
    ],
    [
      'a gate that no output can pass',
      step(
        'output: {type: object, required: [n], properties: {n: {type: string}}}, gates: [{name: g, type: schema, schema: {properties: {n: {type: number}}}}]',
      ),
      'gate "g" of step next can never pass',
    ],
    [
      'a gate that reads what is not there',
      step(
        'output: {type: object, additionalProperties: false, properties: {n: {}}}, gates: [{name: g, type: expression, expression: "${{ output.m }}"}]',
      ),
      'output has no "m"; it has n',
    ],
    [
      'a gate that is never true',
      step(
        'output: {type: object, properties: {k: {enum: [a, b]}}}, gates: [{name: g, type: expression, expression: "${{ output.k = \'c\' }}"}]',
      ),
      'gate "g" of step next can never pass',
    ],
    [
      'a read of a group’s input',
      step('if: "${{ true }}"').replace(
        'capability: work, ',
        'with: {t: "${{ inputs.topic }}"}, steps: {in: {capability: work, with: {x: "${{ inputs.u }}"}}}, ',
      ),
      'inputs has no "u"; it has t',
    ],
    ['a read in the outputs', `${DRAFT}outputs: {x: "\${{ steps.draft.output.titel }}"}\n`, 'steps.draft.output has no "titel"'],
    [
      'a read of the outputs of a fan-out',
      withSteps(
        'each: {capability: work, forEach: {items: "${{ inputs.orders }}"}, output: {type: object, properties: {n: {}}, additionalProperties: false}}',
        'sum: {capability: work, needs: each, with: {x: "${{ steps.each.output.m }}"}}',
      ),
      'is a list, whose items have no "m"',
    ],
    [
      'a read of what a group does not answer with',
      withSteps(
        'group: {steps: {in: {capability: work}}, outputs: {n: "${{ steps.in.output }}"}}',
        'next: {capability: work, needs: group, with: {x: "${{ steps.group.output.m }}"}}',
      ),
      'steps.group.output has no "m"; it has n',
    ],
    [
      'a read of what is not set',
      withSteps('put: {set: {total: 3}}', 'next: {capability: work, needs: put, with: {x: "${{ steps.put.output.sum }}"}}'),
      'steps.put.output has no "sum"; it has total',
    ],
    ['a step that is switched off', step('if: "${{ false }}"'), 'step "next" can never run: its condition can never be true'],
    [
      'a condition on a value that cannot be',
      step('if: "${{ steps.draft.output.tone = \'cold\' }}"'),
      'step "next" can never run: its condition can never be true',
    ],
    [
      'a condition of which one half cannot be',
      step("if: \"${{ inputs.topic = 'a' and inputs.kind in ['medium'] }}\""),
      'step "next" can never run',
    ],
    ['a failure of nothing', withSteps('first: {capability: work, if: "${{ failure() }}"}'), 'step "first" can never run'],
    [
      'a case that no value can choose',
      withSteps('pick: {switch: "${{ inputs.kind }}", cases: {short: {capability: a}, medium: {capability: b}}}'),
      'case "medium" of step pick can never be taken: inputs.kind is one of "short", "long"',
    ],
    [
      'a case of a truth value',
      withSteps('pick: {switch: "${{ inputs.topic = \'a\' }}", cases: {"true": {capability: a}, "yes": {capability: b}}}'),
      'case "yes" of step pick can never be taken',
    ],
  ])('is found: %s', (_, text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  it('is said at the line where it stands', () => {
    const text = withSteps(
      'next:',
      '  capability: work',
      '  needs: draft',
      '  with:',
      '    a: 1',
      '    b: ${{ steps.draft.output.titel }}',
    );
    expect(problemsOf(text)).toEqual([`${FIRST_LINE + 5}: steps.draft.output has no "titel"; it has title, words, tone, by`]);
  });

  it('is said of every step behind one that never runs, unless its condition decides alone', () => {
    const text = withSteps(
      'off: {capability: work, if: "${{ false }}"}',
      'behind: {capability: work, needs: off}',
      'further: {capability: work, needs: [draft, behind]}',
      'anyway: {capability: work, needs: off, if: "${{ always() }}"}',
    );
    expect(problemsOf(text)).toEqual([
      `${FIRST_LINE}: step "off" can never run: its condition can never be true`,
      `${FIRST_LINE + 1}: step "behind" can never run: it needs "off", which can never run`,
      `${FIRST_LINE + 2}: step "further" can never run: it needs "behind", which can never run`,
    ]);
  });

  it('is said of a step that needs what excludes one another', () => {
    const text = withSteps(
      'short: {capability: work, if: "${{ inputs.kind = \'short\' }}"}',
      'long: {capability: work, if: "${{ inputs.kind = \'long\' and inputs.topic }}"}',
      'both: {capability: work, needs: [short, long]}',
      'either: {capability: work, needs: [short, long], if: "${{ always() }}"}',
    );
    expect(problemsOf(text)).toEqual([
      `${FIRST_LINE + 2}: step "both" can never run: inputs.kind would have to be "short" for "short" and "long" for "long"`,
    ]);
  });

  it.each([
    [
      'values that may fit',
      'input: {type: object, properties: {w: {type: number, maximum: 5}}}, with: {w: "${{ steps.draft.output.words }}"}',
    ],
    ['a member that may be nothing', 'with: {x: "${{ steps.draft.output.by.name }}"}'],
    ['what another step left open', 'if: "${{ steps.draft.status = \'failed\' }}"'],
    ['a choice by an expression', 'with: {x: "${{ steps.draft.output.tone = \'dry\' ? steps.draft.output.words + 1 : 0 }}"}'],
    ['a list in the middle of a path', 'with: {x: "${{ inputs.orders.amount }}", y: "${{ $sum(inputs.orders[amount > 2].amount) }}"}'],
    [
      'names inside a predicate or a function',
      'with: {x: "${{ inputs.orders[inputs.topic = id] }}", y: "${{ $map(inputs.orders, function($o){ $o.nothing }) }}"}',
    ],
    ['an input without a schema', 'with: {x: 1}'],
    ['variables and labels', 'with: {x: "${{ variables.any.thing }}", y: "${{ labels.team }}"}'],
    ['text made of numbers', 'input: {type: object, properties: {t: {type: string}}}, with: {t: "${{ steps.draft.output.words }} words"}'],
    ['conditions on the same value', "if: \"${{ inputs.kind = 'short' or inputs.kind = 'long' }}\""],
  ])('is not seen in %s', (_, members) => {
    expect(problemsOf(step(members))).toEqual([]);
  });

  it('is not seen in what a handler, a detached run or a group with the item among its inputs may give', () => {
    const closed = 'output: {type: object, properties: {n: {}}, additionalProperties: false}';
    const text = withSteps(
      `caught: {capability: work, ${closed}, catch: [{set: {other: 1}}]}`,
      `apart: {workflow: {name: billing, detach: true}, with: {amount: 1}, ${closed}}`,
      'each: {forEach: {items: "${{ inputs.orders }}"}, steps: {in: {capability: work, with: {x: "${{ inputs.item.id }}"}}}}',
      'next: {capability: work, needs: [caught, apart], with: {x: "${{ steps.caught.output.other }}", y: "${{ steps.apart.output.runId }}"}}',
    );
    expect(problemsOf(text)).toEqual([]);
  });

  it('is not seen where a schema refers elsewhere, or to itself', () => {
    const schema = '{$defs: {n: {type: object, properties: {next: {$ref: "#/$defs/n"}}, additionalProperties: false}}, $ref: "#/$defs/n"}';
    const lines = (path: string): string =>
      `name: wf\nsteps:\n  a: {capability: work, output: ${schema}}\n  b: {capability: work, needs: a, with: {x: "\${{ steps.a.output.${path} }}"}}\n`;
    expect(problemsOf(lines('next.next.next.next'))).toEqual([]);
    expect(problemsOf(lines('next.next.other'))).toEqual(['4: steps.a.output.next.next has no "other"; it has next']);
  });

  it('comes to an end, whatever alternatives and references multiply to', () => {
    const loop = '{$ref: "#"}';
    const twice = `{anyOf: [${loop}, ${loop}], oneOf: [${loop}, ${loop}], allOf: [{properties: {x: ${loop}, y: ${loop}}}], required: [x, y]}`;
    const branches = Array.from(
      { length: 12 },
      (_, n) => `{anyOf: [{properties: {a: {const: ${n}}}}, {properties: {b: {const: ${n}}}}, {required: [c${n}]}]}`,
    );
    const many = `{type: object, required: [a, b], allOf: [${branches.join(', ')}]}`;
    for (const schema of [twice, many]) {
      const text = `name: wf\nsteps:\n  a: {capability: work, output: ${schema}}\n  b: {capability: work, needs: a, input: ${schema}, with: {x: "\${{ steps.a.output.x.y.x }}", a: 1, b: 2, y: {x: 1}}, if: "\${{ steps.a.output.a = steps.a.output.b }}"}\n`;
      const begun = performance.now();
      const definition = workflowDefinition.parse(parse(text));
      expect(definitionTypeProblems(text, definition)).toEqual(expect.any(Array));
      expect(performance.now() - begun).toBeLessThan(5_000);
    }
  });

  it('takes a definition that the compiler would refuse as it comes', () => {
    const definition = workflowDefinition.parse(parse('name: wf\nsteps: {a: {capability: work, needs: a, with: {x: "${{ 1 + }}"}}}'));
    expect(definitionTypeProblems('', definition)).toEqual([]);
  });
});
