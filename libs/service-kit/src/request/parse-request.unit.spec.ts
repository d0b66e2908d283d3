import { describe, expect, it } from '@jest/globals';
import { toTuttiError, type TuttiError } from '@tutti/kernel';
import { z } from 'zod';
import { invalidRequest, parseRequest } from './parse-request.js';

const schema = z.strictObject({
  name: z.string().regex(/^[a-z]+$/, 'expected lower-case letters'),
  size: z.int().min(1),
  labels: z
    .record(z.string(), z.string())
    .refine((labels) => Object.keys(labels).length < 2, 'too many labels')
    .optional(),
  list: z.array(z.int()).min(1).optional(),
});

function refusal(request: unknown, what?: string): TuttiError {
  try {
    parseRequest(schema, request, what);
  } catch (error) {
    return toTuttiError(error);
  }
  throw new Error('it was taken');
}

const problems = (request: unknown): unknown => (refusal(request).details as { readonly problems: unknown }).problems;

describe('a request', () => {
  it('is given back in the shape that the schema makes of it', () => {
    expect(parseRequest(z.object({ count: z.string().transform(Number) }), { count: '7' })).toEqual({ count: 7 });
  });

  it('is refused with every problem: its path, what was found and what was expected', () => {
    const error = refusal({ name: 'Bad', size: 'big', list: [] });
    expect(error.code).toBe('INVALID_REQUEST');
    expect(error.details).toEqual({
      problems: [
        { path: 'name', message: 'found "Bad", expected lower-case letters' },
        { path: 'size', message: 'found "big", expected number' },
        { path: 'list', message: 'found [], expected array to have >=1 items' },
      ],
    });
    expect(error.message).toContain('name: found "Bad", expected lower-case letters; size: found "big", expected number; list: found []');
  });

  it('is named before its problems where its name is given', () => {
    expect(refusal({ name: 'a' }, 'register').message).toBe('register: size: found nothing, expected number');
    expect(refusal(7, 'register').message).toBe('register: found 7, expected object');
  });

  it('has each unknown member named', () => {
    expect(problems({ name: 'a', size: 1, surprise: 1, 'half\ud800': 3 })).toEqual([
      { path: 'surprise', message: 'is not a known member' },
      { path: 'half\ufffd', message: 'is not a known member' },
    ]);
    expect(problems(JSON.parse('{"name":"a","size":1,"__proto__":{}}'))).toEqual([{ path: '__proto__', message: 'is not a known member' }]);
  });

  it('has a problem told as the schema words it where that names no expectation', () => {
    expect(problems({ name: 'a', size: 1, labels: { a: '1', b: '2' } })).toEqual([{ path: 'labels', message: 'too many labels' }]);
  });

  it('shows a text or number beside such a problem', () => {
    const urls = z.object({ urls: z.array(z.url()) });
    expect(() => parseRequest(urls, { urls: ['nowhere'] })).toThrow(
      expect.objectContaining({ message: 'urls.0: found "nowhere": Invalid URL' }),
    );
  });

  it('is never shown at length', () => {
    const { message } = refusal({
      name: 'X'.repeat(10_000),
      size: { deep: 'x'.repeat(10_000) },
      list: Array.from({ length: 9 }, () => 'y'),
    });
    expect(message.length).toBeLessThan(500);
    expect(message).toMatch(/name: found "X{80}…", .*size: found an object, .*\(and 6 more\)$/);
  });

  it('has fifty problems in its details at most', () => {
    const many = Array.from({ length: 70 }, (_, index) => ({ path: `/${index}`, message: 'no' }));
    const error = invalidRequest(many);
    expect((error.details as { readonly problems: readonly unknown[] }).problems).toHaveLength(50);
    expect(error.message).toMatch(/^\/0: no; .*\(and 65 more\)$/);
  });
});
