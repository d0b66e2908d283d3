import { describe, expect, it } from '@jest/globals';
import { PLAIN_ADMISSION, type AdmissionPlan } from './admission.js';
import { compileDefinition } from './compile-definition.js';

const compile = (members: string) => compileDefinition(`name: wf\nsteps:\n  a: {capability: work${members === '' ? '' : `, ${members}`}}`);
const admission = (members: string): AdmissionPlan => {
  const compiled = compile(members);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  const step = compiled.plan.steps.get('a');
  if (step?.body.kind !== 'task') throw new Error('no task');
  return step.body.admission;
};
const problems = (members: string): readonly string[] => {
  const compiled = compile(members);
  return 'problems' in compiled ? compiled.problems.map(({ message }) => message) : [];
};

describe('how a step’s tasks come to their agents', () => {
  it('is one shared object for all steps that say nothing', () => {
    expect(admission('').fixed).toBe(PLAIN_ADMISSION);
  });

  it.each([
    ['routing: cheapest', { priority: 3, routing: { strategy: 'cheapest', key: null }, limits: [] }],
    ['routing: least-loaded, priority: 1', { priority: 1, routing: null, limits: [] }],
    ['routing: {strategy: sticky, key: all}', { priority: 3, routing: { strategy: 'sticky', key: 'all' }, limits: [] }],
    [
      'concurrency: {limit: 2}',
      { priority: 3, routing: null, limits: [{ kind: 'concurrency', scope: 'concurrency.step:wf/a', limit: 2, perMs: null }] },
    ],
    [
      'rateLimit: {key: mail, limit: 2, per: 1m}',
      { priority: 3, routing: null, limits: [{ kind: 'rate', scope: 'rate.60000.key:mail', limit: 2, perMs: 60_000 }] },
    ],
  ])('is found out once for all runs: %s', (members, expected) => {
    expect(admission(members).fixed).toEqual(expected);
  });

  it.each(['routing: sticky', 'priority: "${{ inputs.p }}"', 'concurrency: {key: "${{ inputs.k }}", limit: 1}'])(
    'is found out for each task: %s',
    (members) => {
      expect(admission(members).fixed).toBeNull();
    },
  );

  it.each([
    ['routing: nearest', 'expected one of least-loaded, cheapest, fastest, most-successful, sticky, or {strategy: sticky, key: …}'],
    ['routing: {strategy: fastest, key: x}', 'expected one of least-loaded,'],
    ['priority: 0', 'expected number to be >=1'],
    ['priority: 6', 'expected number to be <=5'],
    ['priority: 1.5', 'expected'],
    ['priority: high', 'expected one expression'],
    ['priority: true', 'expected a whole number from 1 to 5, or one expression'],
    ['concurrency: {limit: 0}', 'expected number to be >=1'],
    ['rateLimit: {limit: 1, per: soon}', 'expected a duration like'],
    ['rateLimit: {limit: 1, per: 0s}', 'duration "0s"; expected at least 1ms'],
    ['concurrency: {key: "${{ nothing.here }}", limit: 1}', 'nothing is called "nothing" here'],
  ])('is refused: %s', (members, expected) => {
    expect(problems(members)).toEqual([expect.stringContaining(expected)]);
  });
});
