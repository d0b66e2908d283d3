import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { describeBlobsContract } from '../testing/blobs-contract.js';
import type { BlobsHarness } from '../testing/blobs-harness.js';
import { nodeDisk, type BlobDisk } from './blob-disk.js';
import { openFolderBlobs } from './folder-blobs.js';

const bytes = new TextEncoder().encode('a value');
const hash = sha256Hex(bytes);

describeBlobsContract('blobs in a folder', createFolderHarness);

describe('blobs in a folder', () => {
  const runtime = createManualRuntime();
  let root = '';
  let folder = '';
  const open = (disk: Partial<BlobDisk> = {}) => openFolderBlobs({ folder, runtime, disk: { ...nodeDisk, ...disk } });
  const pathOf = (tenant: string) => join(folder, tenant, hash.slice(0, 2), hash);
  const unfinished = () => readdirSync(join(folder, '.unfinished'));

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tutti-blobs-'));
    folder = join(root, 'data', 'blobs');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('keep files and folders for the owner alone, one file for each value', async () => {
    const blobs = await open();
    await blobs.put('acme', bytes);
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(pathOf('acme'))).toBe(0o600);
    for (const path of [folder, join(folder, 'acme'), join(folder, 'acme', hash.slice(0, 2))]) expect(mode(path)).toBe(0o700);
    expect(readFileSync(pathOf('acme')).equals(bytes)).toBe(true);
    expect(unfinished()).toEqual([]);
  });

  it('answer DISK_FULL and keep no half file when the disk is full, and take the value once it is not', async () => {
    let full = true;
    const blobs = await open({
      async writeNew(path, all, modifiedMs) {
        if (!full) return nodeDisk.writeNew(path, all, modifiedMs);
        await nodeDisk.writeNew(path, all.subarray(0, 3), modifiedMs);
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      },
    });
    await expect(blobs.put('acme', bytes)).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true });
    expect(unfinished()).toEqual([]);
    expect(await blobs.size('acme', hash)).toBeNull();
    full = false;
    expect(await blobs.put('acme', bytes)).toBe(hash);
  });

  it('make the folders and the file durable before its name, and its name before the answer', async () => {
    const steps: string[] = [];
    const blobs = await open({
      async writeNew(...given) {
        await nodeDisk.writeNew(...given);
        steps.push('file is durable');
      },
      async rename(from, to) {
        await nodeDisk.rename(from, to);
        steps.push('file has its name');
      },
      async syncFolder(path) {
        await nodeDisk.syncFolder(path);
        steps.push(`names in ${relative(root, path)} are durable`);
      },
    });
    await blobs.put('acme', bytes).then(() => steps.push('answered'));
    expect(steps).toEqual([
      'names in data/blobs/acme are durable',
      'names in data/blobs are durable',
      'file is durable',
      'file has its name',
      `names in data/blobs/acme/${hash.slice(0, 2)} are durable`,
      'answered',
    ]);
  });

  it('remove at the start what a killed process left unfinished, and have no part of it', async () => {
    const stuck = await open({ rename: () => new Promise<never>(() => {}) });
    void stuck.put('acme', bytes);
    while (!existsSync(join(folder, '.unfinished')) || unfinished().length === 0) await runtime.advance(0);
    const blobs = await open();
    expect(unfinished()).toEqual([]);
    expect(await blobs.size('acme', hash)).toBeNull();
  });

  it('replace a file that was cut short when the value is put again', async () => {
    const blobs = await open();
    await blobs.put('acme', bytes);
    writeFileSync(pathOf('acme'), bytes.subarray(0, 2));
    await expect(blobs.get('acme', hash)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    await blobs.put('acme', bytes);
    expect(Buffer.compare(await blobs.get('acme', hash), bytes)).toBe(0);
  });

  it('leave alone in a sweep what is no value', async () => {
    const blobs = await open();
    await blobs.put('acme', bytes);
    mkdirSync(join(folder, 'acme', 'zz'));
    writeFileSync(join(folder, 'acme', 'zz', 'notes.txt'), 'mine');
    writeFileSync(join(folder, 'acme', 'README'), 'mine');
    await runtime.advance(10);
    expect(await blobs.sweep('acme', new Set(), 0)).toBe(1);
    expect(existsSync(join(folder, 'acme', 'zz', 'notes.txt'))).toBe(true);
  });

  it('answer STORE_UNAVAILABLE when the folder cannot be used', async () => {
    writeFileSync(join(root, 'data'), 'a file where the folder should be');
    chmodSync(join(root, 'data'), 0o600);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

async function createFolderHarness(): Promise<BlobsHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-blobs-'));
  const runtime = createManualRuntime();
  let blobs = await openFolderBlobs({ folder, runtime });
  return {
    get blobs() {
      return blobs;
    },
    async damage(tenant, damaged) {
      const path = join(folder, tenant, damaged.slice(0, 2), damaged);
      const content = readFileSync(path);
      content[0] = (content[0] ?? 0) ^ 1;
      writeFileSync(path, content);
    },
    elapse: (ms) => runtime.advance(ms),
    async reopen() {
      blobs = await openFolderBlobs({ folder, runtime });
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
