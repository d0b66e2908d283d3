import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import { checkHoldable, encodeNames, toStored } from './stored-document.js';

const back = (document: JsonObject) => toStored({ _id: 'k', position: 1, document })?.document;

describe('a document as MongoDB stores it', () => {
  it('is the document itself where its names are ordinary', () => {
    const document = { status: 'x', nested: { list: [{ a: 1 }, null] }, '': 1 };
    expect(encodeNames(document)).toBe(document);
    expect(back(document)).toBe(document);
  });

  it('has names written otherwise that mean something to MongoDB or that BSON cannot hold, and gives them back', () => {
    const document = JSON.parse(
      '{"$set": 1, "a.b": {"c": [{"$x.y%": "$.%"}]}, "nul\\u0000": 2, "50%": 3, "%24": 4, "__proto__": {"$a": 5}}',
    ) as JsonObject;
    expect(JSON.stringify(encodeNames(document))).toBe(
      '{"%24set":1,"a%2Eb":{"c":[{"%24x%2Ey%25":"$.%"}]},"nul%00":2,"50%25":3,"%2524":4,"__proto__":{"%24a":5}}',
    );
    expect(JSON.stringify(back(encodeNames(document)))).toBe(JSON.stringify(document));
  });

  it('is none where the key was removed', () => {
    expect(toStored({ _id: 'k', position: 1, removedAt: 5 })).toBeNull();
  });

  it.each([
    ['at most as deep and large as fits', nested(95), undefined],
    ['too deep', nested(97), 'INVALID_REQUEST'],
    ['too large as BSON, though not as JSON', { list: Array.from({ length: 1_500_000 }, () => 1) }, 'PAYLOAD_TOO_LARGE'],
  ])('is checked before it is written: %s', (_what, document, code) => {
    const check = () => checkHoldable('k', document, JSON.stringify(document).length);
    if (code === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code, message: expect.stringContaining('document k') }));
  });
});

function nested(levels: number): JsonObject {
  return levels === 1 ? {} : { deeper: nested(levels - 1) };
}
