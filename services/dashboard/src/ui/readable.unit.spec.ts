import { describe, expect, it } from '@jest/globals';
import { readingOf } from './readable.js';

describe('how a value is read', () => {
  it('is as a document where an object has one, with all else that is in the object', () => {
    const value = { path: 'architecture.md', mediaType: 'text/markdown', content: '# Plan\n\nText', version: 3 };
    expect(readingOf(value)).toEqual({
      kind: 'document',
      title: 'architecture.md',
      text: '# Plan\n\nText',
      rest: { path: 'architecture.md', mediaType: 'text/markdown', version: 3 },
    });
  });

  it.each([
    ['# Plan\n\n- one', 'markdown'],
    ['Good morning, Ada', 'text'],
    ['two\nlines', 'text'],
    [{ amount: 120, currency: 'EUR' }, 'members'],
    [[1, 2], 'json'],
    [{}, 'json'],
    [null, 'json'],
  ])('of %j is %s', (value, kind) => {
    expect(readingOf(value).kind).toBe(kind);
  });
});
