import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { defineCapability, jsonSchema, workflow } from './index.js';
import { EVERY_OTHER_VERB, EVERYTHING_OF_A_TASK } from './testing/every-verb.js';

describe('a built workflow', () => {
  it.each(Object.entries({ EVERYTHING_OF_A_TASK, EVERY_OTHER_VERB }))('says what a YAML file says: %s', (_, { built, yaml }) => {
    expect(built.document).toEqual(parse(yaml));
    expect(parse(built.toYaml())).toEqual(parse(yaml));
  });

  it('takes the schemas of a typed capability, unless the step has its own', () => {
    const count = defineCapability('x.count', { input: z.object({ of: z.string() }), output: z.number() });
    const built = workflow('typed')
      .step('a', { capability: count, with: () => ({ of: 'a' }) })
      .step('b', { capability: count, with: () => ({ of: 'b' }), output: jsonSchema<number>({ minimum: 1 }) })
      .step('c', { capability: 'x.loose', catch: [{ capability: count, with: () => ({ of: 'c' }) }] });
    const input = { type: 'object', properties: { of: { type: 'string' } }, required: ['of'] };
    expect(built.document['steps']).toEqual({
      a: { capability: 'x.count', with: { of: 'a' }, input, output: { type: 'number' } },
      b: { capability: 'x.count', with: { of: 'b' }, input, output: { minimum: 1 } },
      c: { capability: 'x.loose', catch: [{ capability: 'x.count', with: { of: 'c' }, input }] },
    });
  });

  it('changes nothing in the builder that it was made from', () => {
    const begun = workflow('one').step('a', { capability: 'x.y' });
    begun.step('b', { capability: 'x.y' });
    expect(begun.document['steps']).toEqual({ a: { capability: 'x.y' } });
  });

  it.each<[string, () => unknown, string]>([
    ['nothing to do', () => workflow('w').step('a', { needs: [] }), 'workflow "w", step "a": expected exactly one of capability'],
    ['two things to do', () => workflow('w').step('a', { capability: 'x.y', sleep: '1s' }), 'found capability and sleep'],
    ['what is not JSON', () => workflow('w').step('a', { capability: 'x.y', with: () => ({ at: new Map() as never }) }), 'found a Map'],
    [
      'a number that JSON has not',
      () => workflow('w').step('a', { capability: 'x.y', with: () => ({ at: Number.NaN }) }),
      'step "a".with.at',
    ],
    [
      'an id twice',
      () =>
        workflow('w')
          .step('a', { sleep: '1s' })
          .step('a' as never, { sleep: '1s' }),
      'two steps "a"',
    ],
    ['a schema without JSON Schema', () => workflow('w', { inputs: { '~standard': { version: 1, vendor: 'other' } } }), 'withJsonSchema'],
    ['a schema that JSON Schema cannot say', () => workflow('w', { inputs: z.object({ at: z.date() }) }), 'no JSON Schema says the same'],
    [
      'a plain value where an expression is wanted',
      () => workflow('w').step('a', { sleep: '1s', if: (() => new Map()) as never }),
      'found a Map',
    ],
  ])('refuses %s, and names the place', (_, build, message) => {
    expect(build).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID', message: expect.stringContaining(message) as unknown }));
  });
});
