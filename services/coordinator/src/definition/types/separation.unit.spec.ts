import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from '../compile-definition.js';
import { definitionTypeProblems } from './definition-type-problems.js';

const problemsOf = (second: string): readonly string[] => {
  const text = `name: wf
steps:
  a: {capability: work, gates: [{name: shape, type: schema, schema: {}}, {name: ok, type: approval, title: T}]}
  aside: {capability: work, gates: [{name: ok, type: approval, title: T}]}
  b:
    capability: work
    needs: a
    gates:
      - {name: first, type: expression, expression: "\${{ output.x }}", onFail: {action: retry, otherwise: {action: approval}}}
      - ${second}
`;
  const compiled = compileDefinition(text);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return definitionTypeProblems(text, compiled.definition).map(({ line, path, message }) => `${line} ${path} ${message}`);
};
const apart = (whom: string): string => `{name: last, type: approval, title: T, separateFrom: [${whom}]}`;

describe('an approval that is kept apart from who decided another gate', () => {
  it.each(['starter', 'a.ok', 'b.first', 'starter, a.ok'])('may name %s', (whom) => {
    expect(problemsOf(apart(whom))).toEqual([]);
  });

  it.each([
    ['a step that is not there', 'c.ok'],
    ['a gate that is not there', 'a.okay'],
    ['a gate that no person decides', 'a.shape'],
    ['a step that it does not need', 'aside.ok'],
    ['itself', 'b.last'],
  ])('is refused for %s, with its line: nobody would be kept out', (_, whom) => {
    const expected = `nobody decides "${whom}" before this; expected starter or a.ok or b.first`;
    expect(problemsOf(apart(whom))).toEqual([`10 /steps/b/gates/1/separateFrom/0 ${expected}`]);
  });

  it('is refused wherever a person is asked, in groups too', () => {
    const otherwise = (action: string): string => `{name: last, type: metric, metric: step.attempts, max: 1, onFail: ${action}}`;
    expect(problemsOf(otherwise('{action: approval, separateFrom: [c.ok]}'))[0]).toContain('/onFail/separateFrom/0');
    expect(problemsOf(otherwise('{action: retry, otherwise: {action: approval, separateFrom: [c.ok]}}'))[0]).toContain(
      '/onFail/otherwise/separateFrom/0',
    );
    const text = `name: wf\nsteps: {a: {steps: {x: {capability: work, gates: [${apart('a.ok')}]}}}}`;
    const compiled = compileDefinition(text);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    expect(definitionTypeProblems(text, compiled.definition)).toMatchObject([{ path: '/steps/a/steps/x/gates/0/separateFrom/0' }]);
  });
});
