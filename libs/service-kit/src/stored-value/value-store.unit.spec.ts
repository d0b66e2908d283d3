import { describe, expect, it } from '@jest/globals';
import { sha256Hex, TuttiError, type JsonValue } from '@tutti/kernel';
import { createValueStore } from './value-store.js';

function scene(options: { readonly maxBytes?: number; readonly cacheBytes?: number; readonly tenant?: string } = {}) {
  const kept = new Map<string, Uint8Array>();
  const reads: string[] = [];
  const blobs = {
    put(tenant: string, bytes: Uint8Array) {
      const hash = sha256Hex(bytes);
      kept.set(`${tenant}/${hash}`, bytes);
      return Promise.resolve(hash);
    },
    get(tenant: string, hash: string) {
      reads.push(hash);
      const bytes = kept.get(`${tenant}/${hash}`);
      return bytes === undefined ? Promise.reject(new TuttiError('BLOB_NOT_FOUND', `no blob ${hash}`)) : Promise.resolve(bytes);
    },
  };
  const open = () => createValueStore({ blobs, inlineLimitBytes: 32, ...options });
  return { values: open(), open, kept, reads };
}

/** A text whose JSON has this many bytes. */
const text = (bytes: number, letter = 'a') => letter.repeat((bytes - 2) / new TextEncoder().encode(letter).length);

describe('createValueStore', () => {
  it.each<[string, JsonValue]>([
    ['of exactly the limit', text(32)],
    ['of exactly the limit in letters of three bytes', text(32, '€')],
    ['that is null', null],
    ['that is an empty object', {}],
  ])('keeps a value %s in the event', async (_, value) => {
    const { values, kept } = scene();
    const stored = await values.store(value);
    expect(stored).toEqual({ inline: value });
    expect(kept.size).toBe(0);
    await expect(values.load(stored)).resolves.toEqual(value);
    expect(values.peek(stored)).toEqual(value);
  });

  it.each<[string, string, number]>([
    ['one byte over the limit', text(33), 33],
    ['under the limit in characters, over it in bytes', text(35, '€'), 35],
    ['of surrogate pairs over the limit', text(34, '\u{1F600}'), 34],
    // JSON writes an unpaired surrogate as six characters.
    ['of unpaired surrogates', '\ud800'.repeat(6), 38],
  ])('puts a value %s into the blobs and reads it back the same', async (_, value, bytes) => {
    const { values, open } = scene();
    const stored = await values.store(value);
    expect(stored).toEqual({ blob: sha256Hex(JSON.stringify(value)), bytes });
    await expect(values.load(stored)).resolves.toBe(value);
    await expect(open().load(stored)).resolves.toBe(value);
  });

  it('keeps the values of tenants apart', async () => {
    const { values, kept } = scene({ tenant: 'acme' });
    await values.store(text(64));
    expect([...kept.keys()][0]).toMatch(/^acme\//);
  });

  it('refuses a value over the largest size, and stores nothing of it', async () => {
    const { values, kept } = scene({ maxBytes: 64 });
    await expect(values.store(text(65))).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: 'value of 65 bytes; at most 64 are taken',
    });
    expect(kept.size).toBe(0);
    await expect(values.store(text(64))).resolves.toHaveProperty('bytes', 64);
  });

  it('reads a blob once and then answers from memory', async () => {
    const { values, open, reads } = scene();
    const stored = await values.store({ list: text(64) });
    const fresh = open();
    expect(fresh.peek(stored)).toBeUndefined();
    await fresh.load(stored);
    await fresh.load(stored);
    expect(reads).toHaveLength(1);
    expect(fresh.peek(stored)).toEqual({ list: text(64) });
  });

  it('keeps no more in memory than its bound, and lets the oldest go first', async () => {
    const { values, reads } = scene({ cacheBytes: 100 });
    const first = await values.store(text(40, 'a'));
    const second = await values.store(text(40, 'b'));
    const third = await values.store(text(40, 'c'));
    expect([first, second, third].map((stored) => values.peek(stored) !== undefined)).toEqual([false, true, true]);
    await expect(values.load(first)).resolves.toBe(text(40, 'a'));
    expect(reads).toHaveLength(1);
    expect([first, second, third].map((stored) => values.peek(stored) !== undefined)).toEqual([true, false, true]);
  });

  it('does not empty its memory for a value that is larger than all of it', async () => {
    const { values } = scene({ cacheBytes: 100 });
    const small = await values.store(text(40));
    const large = await values.store(text(200));
    expect(values.peek(small)).toBe(text(40));
    expect(values.peek(large)).toBeUndefined();
  });

  it('passes on that a blob is not there', async () => {
    const { values } = scene();
    await expect(values.load({ blob: 'f'.repeat(64), bytes: 99 })).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
  });

  it.each([
    ['no JSON', new TextEncoder().encode('{"cut": ')],
    ['no UTF-8', Uint8Array.from([0x22, 0xff, 0x22])],
  ])('reports a blob that holds %s as damaged', async (_, bytes) => {
    const { values, kept } = scene();
    const hash = sha256Hex(bytes);
    kept.set(`default/${hash}`, bytes);
    await expect(values.load({ blob: hash, bytes: bytes.length })).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  });
});
