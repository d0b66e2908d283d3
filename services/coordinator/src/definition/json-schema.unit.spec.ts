import { describe, expect, it } from '@jest/globals';
import { compileSchema, describeProblems } from './json-schema.js';

describe('a compiled schema', () => {
  it('stands for itself: another one with the same $id says something else', () => {
    const text = compileSchema({ $id: 'https://example.org/one', type: 'string' });
    const number = compileSchema({ $id: 'https://example.org/one', type: 'number' });
    expect([text.check('a'), number.check(1)]).toEqual([[], []]);
    expect(describeProblems(number.check('a'))).toBe('value must be number');
  });

  it('may refer to what schemas themselves have to match', () => {
    const { check } = compileSchema({ $ref: 'https://json-schema.org/draft/2020-12/schema' });
    expect(check({ type: 'object' })).toEqual([]);
    expect(check({ type: 'nothing' })).not.toEqual([]);
  });

  it('holds every text against its own pattern', () => {
    const { check } = compileSchema({
      properties: { a: { pattern: '^a' }, b: { pattern: '^b' } },
      patternProperties: { '^x-': { type: 'number' } },
    });
    expect(check({ a: 'a1', b: 'b1', 'x-1': 1, y: '' })).toEqual([]);
    expect(check({ a: 'b1', b: 'a1', 'x-1': '' }).map(({ path }) => path)).toEqual(['/a', '/b', '/x-1']);
  });

  it.each([
    ['a type that there is none of', { type: 'text' }, 'schema is invalid: data/type must be equal to one of the allowed values'],
    ['a reference to nothing', { $ref: '#/$defs/none' }, "can't resolve reference #/$defs/none"],
    ['a dialect that is not known', { $schema: 'http://example.org/other' }, 'no schema with key or ref "http://example.org/other"'],
    ['answers that come later', { $async: true }, '"$async" is not supported'],
    ['a pattern that is none', { pattern: '(' }, ''],
  ])('is not made of %s', (_, schema, message) => {
    expect(() => compileSchema(schema)).toThrow(message);
  });
});
