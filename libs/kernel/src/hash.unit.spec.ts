import { describe, expect, it } from '@jest/globals';
import { hashJson, sha256Hex } from './hash.js';

describe('sha256Hex', () => {
  it('gives the published digests of FIPS 180-2', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('reads a text as UTF-8', () => {
    expect(sha256Hex('Zürich \u{1F600}')).toBe(sha256Hex(new TextEncoder().encode('Zürich \u{1F600}')));
  });

  it('reads only the bytes of a view into a larger buffer', () => {
    const view = new Uint8Array([9, 97, 98, 99, 9]).subarray(1, 4);
    expect(sha256Hex(view)).toBe(sha256Hex('abc'));
  });
});

describe('hashJson', () => {
  it('does not depend on the order of keys', () => {
    expect(hashJson({ a: 1, b: [2] })).toBe(hashJson({ b: [2], a: 1 }));
  });

  it('tells values apart that look alike', () => {
    const hashes = [1, '1', [1], { '1': 1 }, null, 'null', {}, []].map((value) => hashJson(value));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
