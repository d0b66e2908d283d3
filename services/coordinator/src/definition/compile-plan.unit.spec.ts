import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@tutti/kernel';
import { compilePlan } from './compile-plan.js';
import type { PlanLimits } from './plan-limits.js';

const DOCS: PlanLimits = { capabilities: ['docs.*', 'workflow:deliver'], maxSteps: 10 };
const ANYTHING: PlanLimits = { capabilities: null, maxSteps: 10 };

function problems(value: JsonValue, limits: PlanLimits = DOCS): readonly string[] {
  const compiled = compilePlan(value, 'wf', limits);
  return 'plan' in compiled ? [] : compiled.problems.map(({ path, message }) => `${path}: ${message}`);
}
const step = (body: JsonValue): JsonValue => ({ steps: { a: body } });
const gate = (body: object) => step({ capability: 'docs.write', gates: [{ name: 'g', ...body }] });

describe('a plan that a step made', () => {
  it.each<[string, JsonValue]>([
    ['an agent of the list', step({ capability: 'docs.write' })],
    ['a workflow of the list', step({ workflow: 'deliver' })],
    ['a plan of its own within the list', step({ plan: { from: '${{ inputs.next }}', capabilities: ['docs.write', 'docs.read.*'] } })],
    [
      'waits, variables and groups',
      { steps: { a: { sleep: '1s' }, b: { set: { x: 1 } }, c: { steps: { d: { wait: { signal: 's' } } } } } },
    ],
  ])('may have %s', (_, plan) => {
    expect(problems(plan)).toEqual([]);
  });

  it.each<[string, JsonValue, RegExp]>([
    ['is no object', 'a text', /^: /],
    ['has no steps', { steps: {} }, /\/steps: expected at least one step/],
    ['has members of a whole definition', { name: 'x', steps: { a: { sleep: '1s' } } }, /unknown member "name"/],
    ['asks for another agent', step({ capability: 'web.read' }), /\/steps\/a: step "a" asks for "web.read".*allowed are docs\.\*/],
    ['runs another workflow', step({ workflow: 'archive' }), /runs workflow "archive"/],
    ['makes plans that may do anything', step({ plan: '${{ inputs.next }}' }), /plan of its own that may ask for everything/],
    ['makes plans that may do more', step({ plan: { from: '${{ inputs.next }}', capabilities: ['*'] } }), /may ask for "\*"/],
    [
      'asks for it in a case',
      step({ switch: '${{ inputs.k }}', cases: { x: { capability: 'web.read' } } }),
      /step "a" asks for "web.read"/,
    ],
    ['asks for it in a handler', step({ capability: 'docs.write', catch: [{ capability: 'web.read' }] }), /"web.read"/],
    ['asks for it to undo', step({ capability: 'docs.write', compensate: { capability: 'web.read' } }), /\/steps\/a: step "a" asks/],
    ['asks for it in a group', step({ steps: { b: { steps: { c: { capability: 'web.read' } } } } }), /\/steps\/a: step "c" of the group/],
    ['has other judges', gate({ type: 'agent', capability: 'web.judge' }), /asks for "web.judge"/],
    [
      'reads a step that it does not need',
      { steps: { a: { sleep: '1s' }, b: { set: { x: '${{ steps.a.output }}' } } } },
      /does not need it/,
    ],
    ['is nested too deep', Array.from({ length: 300 }).reduce<JsonValue>((inner) => [inner], 1), /nested \d+ deep; at most 200/],
    ['is too long', step({ set: { x: 'x'.repeat(300_000) } }), /bytes; at most 262144 are taken/],
  ])('is refused when it %s', (_, plan, problem) => {
    expect(problems(plan).join('\n')).toMatch(problem);
  });

  it('runs programs only where they are named, whatever else is allowed', () => {
    const program = gate({ type: 'command', run: ['rm', '-r', '.'] });
    for (const capabilities of [null, ['*'], ['docs.*', 'tutti.*']])
      expect(problems(program, { ...DOCS, capabilities }).join()).toContain('asks for "tutti.command"');
    expect(problems(program, { ...DOCS, capabilities: ['docs.*', 'tutti.command'] })).toEqual([]);
    expect(problems(step({ plan: { from: '${{ inputs.next }}', capabilities: ['tutti.command'] } }), ANYTHING)).toHaveLength(1);
  });

  it('gives every problem at once, and compiles without limits what was held against them before', () => {
    const plan: JsonValue = { steps: { a: { capability: 'web.read' }, b: { workflow: 'archive' } } };
    expect(problems(plan)).toHaveLength(2);
    expect(compilePlan(plan, 'wf', null)).toMatchObject({ plan: { name: 'wf' } });
  });
});
