import assert from 'node:assert/strict';
import { sha256Hex } from '@tutti/kernel';
import type { BlobsContractCase } from './blobs-harness.js';
import { bytesOf, sameBytes } from './sample-bytes.js';

const MISSING = sha256Hex('never put');

export const VALUE_CASES: readonly BlobsContractCase[] = [
  {
    name: 'gives back the bytes that were put, by their SHA-256, with their size',
    async run({ blobs }) {
      for (const bytes of [new Uint8Array(0), bytesOf('ü'), Uint8Array.from({ length: 300_000 }, (_, index) => index * 31)]) {
        const hash = await blobs.put('acme', bytes);
        assert.equal(hash, sha256Hex(bytes));
        sameBytes(await blobs.get('acme', hash), bytes);
        assert.equal(await blobs.size('acme', hash), bytes.length);
      }
    },
  },
  {
    name: 'keeps a value as it was put, whatever happens to the buffers that went in and came out',
    async run({ blobs }) {
      const given = bytesOf('one');
      const putting = blobs.put('acme', given);
      given[0] = 0;
      const hash = await putting;
      const got = await blobs.get('acme', hash);
      sameBytes(got, bytesOf('one'));
      got[0] = 0;
      sameBytes(await blobs.get('acme', hash), bytesOf('one'));
    },
  },
  {
    name: 'says that there is no value where none was put',
    async run({ blobs }) {
      await assert.rejects(blobs.get('acme', MISSING), { code: 'BLOB_NOT_FOUND' });
      assert.equal(await blobs.size('acme', MISSING), null);
    },
  },
  {
    name: 'refuses what is no hash',
    async run({ blobs }) {
      for (const hash of ['', 'abc', MISSING.toUpperCase(), `${MISSING}0`, `../${MISSING.slice(3)}`, `${MISSING}\n`]) {
        await assert.rejects(blobs.get('acme', hash), { code: 'INVALID_REQUEST' }, `get took ${JSON.stringify(hash)}`);
        await assert.rejects(blobs.size('acme', hash), { code: 'INVALID_REQUEST' }, `size took ${JSON.stringify(hash)}`);
      }
    },
  },
  {
    name: 'refuses what is no tenant',
    async run({ blobs }) {
      for (const tenant of ['', '..', 'Acme', 'a/b', '-a', 'a'.repeat(64), 'a\n']) {
        const refused = { code: 'INVALID_REQUEST' };
        await assert.rejects(blobs.put(tenant, bytesOf('one')), refused, `put took ${JSON.stringify(tenant)}`);
        await assert.rejects(blobs.get(tenant, MISSING), refused, `get took ${JSON.stringify(tenant)}`);
        await assert.rejects(blobs.sweep(tenant, new Set(), 0), refused, `sweep took ${JSON.stringify(tenant)}`);
      }
    },
  },
  {
    name: 'keeps tenants apart',
    async run({ blobs, elapse }) {
      const hash = await blobs.put('acme', bytesOf('one'));
      await assert.rejects(blobs.get('other', hash), { code: 'BLOB_NOT_FOUND' });
      assert.equal(await blobs.size('other', hash), null);
      await blobs.put('other', bytesOf('one'));
      await elapse(10);
      assert.equal(await blobs.sweep('other', new Set(), 0), 1);
      sameBytes(await blobs.get('acme', hash), bytesOf('one'));
    },
  },
  {
    name: 'throws DATA_DAMAGED rather than giving other bytes than were asked for',
    async run({ blobs, damage }) {
      const hash = await blobs.put('acme', bytesOf('one'));
      await damage('acme', hash);
      await assert.rejects(blobs.get('acme', hash), { code: 'DATA_DAMAGED' });
    },
  },
  {
    name: 'has what was put when the process is killed right after the answer',
    async run(harness) {
      const hash = await harness.blobs.put('acme', bytesOf('one'));
      await harness.reopen();
      sameBytes(await harness.blobs.get('acme', hash), bytesOf('one'));
    },
  },
  {
    name: 'stores the same bytes once, also when they are put at once',
    async run({ blobs, elapse }) {
      const hashes = await Promise.all(Array.from({ length: 8 }, () => blobs.put('acme', bytesOf('one'))));
      hashes.push(await blobs.put('acme', bytesOf('one')));
      assert.equal(new Set(hashes).size, 1);
      sameBytes(await blobs.get('acme', hashes[0] ?? ''), bytesOf('one'));
      await elapse(10);
      assert.equal(await blobs.sweep('acme', new Set(), 0), 1);
    },
  },
];
