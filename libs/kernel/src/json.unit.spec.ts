import { describe, expect, it } from '@jest/globals';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from './json.js';

describe('canonicalJson', () => {
  it('gives one text whatever the order of the keys, at every depth', () => {
    const one = { b: 1, a: { d: [{ y: 1, x: 2 }], c: null } };
    const other = { a: { c: null, d: [{ x: 2, y: 1 }] }, b: 1 };
    expect(canonicalJson(one)).toBe('{"a":{"c":null,"d":[{"x":2,"y":1}]},"b":1}');
    expect(canonicalJson(other)).toBe(canonicalJson(one));
  });

  it('keeps the order of lists, which is part of their value', () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });

  it('sorts keys by code unit, neither by locale nor as numbers', () => {
    expect(canonicalJson({ ä: 1, z: 2, Z: 3, '10': 4, '9': 5, '\u{1F600}': 6, '\uFB33': 7 })).toBe(
      '{"10":4,"9":5,"Z":3,"z":2,"ä":1,"\u{1F600}":6,"\uFB33":7}',
    );
  });

  it.each<[JsonValue, string]>([
    [1e21, '1e+21'],
    [-0, '0'],
    [0.1, '0.1'],
    [true, 'true'],
    [null, 'null'],
    ['a"\n\u0007é', '"a\\"\\n\\u0007é"'],
    ['\ud800', '"\\ud800"'],
    [[], '[]'],
    [{}, '{}'],
  ])('writes %p as ECMAScript does', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
    expect(JSON.parse(text)).toEqual(Object.is(value, -0) ? 0 : value);
  });

  it('leaves out members that JSON has no value for, so that absent and undefined are the same', () => {
    expect(canonicalJson({ a: 1, b: undefined } as unknown as JsonObject)).toBe('{"a":1}');
  });

  it('keeps a member called __proto__ like any other', () => {
    const parsed = JSON.parse('{"b":1,"__proto__":{"a":1}}') as JsonObject;
    expect(canonicalJson(parsed)).toBe('{"__proto__":{"a":1},"b":1}');
  });
});

describe('isJsonObject', () => {
  it('takes objects only', () => {
    expect([{}, { a: 1 }].every(isJsonObject)).toBe(true);
    expect([null, [], 'a', 1, undefined].some(isJsonObject)).toBe(false);
  });
});
