import { describe, expect, it } from '@jest/globals';
import { copyJson } from './json-copy.js';

describe('copying JSON', () => {
  it('gives an equal value that shares nothing with the original', () => {
    const original = { list: [1, { deep: 'x' }], none: null, flag: false };
    const copied = copyJson(original, 'output') as { list: unknown[] };
    expect(copied).toEqual(original);
    original.list.push(2);
    (original.list[1] as { deep: string }).deep = 'changed';
    expect(copied.list).toEqual([1, { deep: 'x' }]);
  });

  it('leaves out properties that are undefined', () => {
    expect(Object.keys(copyJson({ a: undefined, b: 1 }, 'output') as object)).toEqual(['b']);
  });

  it('keeps a key named __proto__ as data', () => {
    const copied = copyJson(JSON.parse('{"__proto__": {"admin": true}}'), 'output');
    expect(Object.getPrototypeOf(copied)).toBe(Object.prototype);
    expect(JSON.stringify(copied)).toBe('{"__proto__":{"admin":true}}');
  });

  it.each([
    [undefined, 'output is undefined, expected a JSON value'],
    [() => 1, 'output is a function, expected a JSON value'],
    [{ items: [{ score: Number.NaN }] }, 'output.items[0].score is NaN, which JSON cannot hold'],
    [[1, undefined], 'output[1] is undefined, expected a JSON value'],
    [{ total: 10n }, 'output.total is a bigint, expected a JSON value'],
    [{ at: new Date(0) }, 'output.at is a Date, expected a plain object'],
    [{ by: new Map([['a', 1]]) }, 'output.by is a Map, expected a plain object'],
    [{ later: Promise.resolve(1) }, 'output.later is a Promise, expected a plain object'],
  ])('refuses what JSON cannot hold and says where: %#', (value, message) => {
    expect(() => copyJson(value, 'output')).toThrow(message);
  });

  it('refuses a value that contains itself', () => {
    const self: Record<string, unknown> = {};
    self['again'] = [self, self];
    expect(() => copyJson(self, 'output')).toThrow('contains itself or is nested deeper than 500 levels');
  });
});
