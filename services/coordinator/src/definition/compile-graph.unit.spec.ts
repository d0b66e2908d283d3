import { describe, expect, it } from '@jest/globals';
import { compileDefinition } from './compile-definition.js';

const group = (name: string, inner = '') => `{steps: {${name}: {capability: work${inner}}}}`;

describe('groups of a definition', () => {
  it.each([
    ['a case that is called default', `{default: ${group('one')}}, default: ${group('two')}`],
    ['a case that is called like a handler', `{catch0: ${group('one')}}, default: {set: {a: 1}}, catch: [${group('two')}]`],
    ['cases whose names hold slashes', `{x: {steps: {y: ${group('one')}}}, x/y: ${group('two')}}`],
  ])('are told apart: %s', (_, cases) => {
    const compiled = compileDefinition(`name: wf\nsteps: {a: {switch: "\${{ inputs.x }}", cases: ${cases}}}`);
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
    const names = [...compiled.plan.blocks.values()].map(({ steps }) => [...steps.keys()].join());
    expect(names).toEqual(expect.arrayContaining(['one', 'two']));
  });
});
