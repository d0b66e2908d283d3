import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_JSON_DEPTH, parseJsonText } from './json-text.js';

const problemsOf = (text: string): unknown => {
  try {
    parseJsonText(text);
    return [];
  } catch (error) {
    return (error as { details?: { problems: unknown } }).details?.problems;
  }
};

describe('JSON at the door', () => {
  it('is the value that the text says', () => {
    const value = fc
      .jsonValue({ noUnicodeString: false })
      .filter((found) => !JSON.stringify(found).includes('__proto__') && !JSON.stringify(found).includes('\\u0000'));
    fc.assert(fc.property(value, (found) => expect(parseJsonText(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(found)))));
  });

  it('names the place of every problem', () => {
    expect(problemsOf('{"a":[1,{"b/c":1e999}],"d~":{"__proto__":{}},"e":"\\udc00"}')).toEqual(
      expect.arrayContaining([
        { path: '/a/1/b~1c', message: 'the number is out of range' },
        { path: '/d~0/__proto__', message: 'the key "__proto__" is not taken' },
        { path: '/e', message: 'the text has half a surrogate pair, which is no text' },
      ]),
    );
  });

  it('may nest to the limit, however the levels are made', () => {
    const nested = (levels: number, open: string, close: string) => `${open.repeat(levels)}1${close.repeat(levels)}`;
    expect(problemsOf(nested(MAX_JSON_DEPTH, '[', ']'))).toEqual([]);
    expect(problemsOf(nested(MAX_JSON_DEPTH, '{"a":', '}'))).toEqual([]);
    expect(problemsOf(nested(MAX_JSON_DEPTH + 1, '[', ']'))).toMatchObject([{ message: expect.stringContaining('nested deeper') }]);
    expect(problemsOf(nested(5_000_000, '[', ']'))).toMatchObject([expect.anything()]);
  });

  it('tells at most 50 problems', () => {
    expect(problemsOf(`[${'1e999,'.repeat(100)}1]`)).toHaveLength(50);
  });
});
