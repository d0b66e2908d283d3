import assert from 'node:assert/strict';
import type { BlobsContractCase } from './blobs-harness.js';
import { bytesOf, sameBytes } from './sample-bytes.js';

const GRACE_MS = 60_000;

export const SWEEP_CASES: readonly BlobsContractCase[] = [
  {
    name: 'sweeps what is not live and was put before the grace, and says how many',
    async run({ blobs, elapse }) {
      const put = (text: string) => blobs.put('acme', bytesOf(text));
      const [live, dead, alsoDead] = [await put('live'), await put('dead'), await put('also dead')];
      await elapse(GRACE_MS + 1_000);
      const young = await put('young');
      assert.equal(await blobs.sweep('acme', new Set([live]), GRACE_MS), 2);
      for (const hash of [dead, alsoDead]) await assert.rejects(blobs.get('acme', hash), { code: 'BLOB_NOT_FOUND' });
      sameBytes(await blobs.get('acme', live), bytesOf('live'));
      sameBytes(await blobs.get('acme', young), bytesOf('young'));
    },
  },
  {
    name: 'counts the grace from the last put, also in another process',
    async run(harness) {
      const hash = await harness.blobs.put('acme', bytesOf('one'));
      await harness.elapse(GRACE_MS + 1_000);
      await harness.blobs.put('acme', bytesOf('one'));
      await harness.reopen();
      assert.equal(await harness.blobs.sweep('acme', new Set(), GRACE_MS), 0);
      sameBytes(await harness.blobs.get('acme', hash), bytesOf('one'));
      await harness.elapse(GRACE_MS + 1_000);
      assert.equal(await harness.blobs.sweep('acme', new Set(), GRACE_MS), 1);
    },
  },
  {
    name: 'takes a value again that was swept',
    async run({ blobs, elapse }) {
      await blobs.put('acme', bytesOf('one'));
      await elapse(10);
      assert.equal(await blobs.sweep('acme', new Set(), 0), 1);
      const hash = await blobs.put('acme', bytesOf('one'));
      sameBytes(await blobs.get('acme', hash), bytesOf('one'));
    },
  },
  {
    name: 'keeps a value that is put while it is swept',
    async run({ blobs, elapse }) {
      const texts = Array.from({ length: 50 }, (_, index) => `value ${index}`);
      const hashes: string[] = [];
      for (const text of texts) hashes.push(await blobs.put('acme', bytesOf(text)));
      await elapse(GRACE_MS + 1_000);
      const sweeping = blobs.sweep('acme', new Set(), GRACE_MS);
      await Promise.all(texts.map((text) => blobs.put('acme', bytesOf(text))));
      await sweeping;
      for (const [index, hash] of hashes.entries()) sameBytes(await blobs.get('acme', hash), bytesOf(texts[index] ?? ''));
    },
  },
  {
    name: 'sweeps nothing of a tenant that has nothing',
    async run({ blobs }) {
      assert.equal(await blobs.sweep('nobody', new Set(), 0), 0);
    },
  },
];
