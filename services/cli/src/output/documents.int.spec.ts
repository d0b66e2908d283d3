import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { documentsOf, type RunDocument } from './run-documents.js';
import { writeDocuments } from './write-documents.js';

const { ids } = createManualRuntime();
let base = '';
beforeEach(async () => (base = await mkdtemp(join(tmpdir(), 'tutti-cli-out-'))));
afterEach(() => rm(base, { recursive: true, force: true }));

function doc(path: string, content = 'text'): RunDocument {
  return { path, mediaType: 'text/markdown', content };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('documents among the outputs', () => {
  const listed = [
    { path: 'a.md', mediaType: 'text/markdown', content: 'A' },
    { path: 'b/data.json', mediaType: 'application/json', content: { n: 1 } },
  ];

  it('are the list, the first of it being the main one', () => {
    const { all, main } = documentsOf({ documents: listed });
    expect(all.map(({ path }) => path)).toEqual(['a.md', 'b/data.json']);
    expect(all[1]?.content).toBe('{\n  "n": 1\n}\n');
    expect(main?.path).toBe('a.md');
  });

  it('have the main one named by its path, as an object, or as the text itself', () => {
    expect(documentsOf({ documents: listed, document: 'b/data.json' }).main?.path).toBe('b/data.json');
    expect(documentsOf({ documents: listed, document: { path: 'main.md', content: 'M' } }).all.map(({ path }) => path)).toEqual([
      'main.md',
      'a.md',
      'b/data.json',
    ]);
    expect(documentsOf({ documents: listed, document: 'A' }).main?.path).toBe('a.md');
    expect(documentsOf({ document: '# Title' }).main).toEqual({ path: 'document.md', mediaType: 'text/markdown', content: '# Title' });
  });

  it('are none in other outputs', () => {
    for (const outputs of [undefined, null, 'text', { answer: 42 }]) expect(documentsOf(outputs)).toEqual({ all: [], main: null });
  });

  it('are refused with the place of the entry that is none', () => {
    expect(() => documentsOf({ documents: [listed[0], { content: 'no path' }] })).toThrow(/documents\[1\]/);
  });
});

describe('writing documents', () => {
  it('makes the folders and leaves only whole files', async () => {
    const out = join(base, 'deep', 'out');
    const written = await writeDocuments(out, [doc('a.md', 'A'), doc('decisions/0001-first.md', 'B')], ids);
    expect(written).toEqual([join(out, 'a.md'), join(out, 'decisions', '0001-first.md')]);
    expect(await readFile(join(out, 'decisions', '0001-first.md'), 'utf8')).toBe('B');
    expect([...(await filesBelow(out))].sort()).toEqual(['0001-first.md', 'a.md']);
  });

  it('replaces what an earlier run wrote', async () => {
    await writeDocuments(base, [doc('a.md', 'old')], ids);
    await writeDocuments(base, [doc('a.md', 'new')], ids);
    expect(await readFile(join(base, 'a.md'), 'utf8')).toBe('new');
  });

  it.each([
    '../evil.md',
    'a/../../evil.md',
    '/etc/evil.md',
    'a\\..\\evil.md',
    'C:evil.md',
    '',
    '.',
    'a//b.md',
    './a.md',
    'a\0b',
    'x'.repeat(2_000),
    '..',
  ])('refuses the path %p and writes nothing at all', async (path) => {
    const out = join(base, 'out');
    await expect(writeDocuments(out, [doc('good.md'), doc(path)], ids)).rejects.toMatchObject({ code: 'OUTPUT_REFUSED', exitCode: 5 });
    expect(await filesBelow(base)).toEqual([]);
  });

  it('refuses two documents for one file, also when only their case differs', async () => {
    await expect(writeDocuments(base, [doc('a/B.md'), doc('a/b.md')], ids)).rejects.toMatchObject({ code: 'OUTPUT_REFUSED' });
  });

  it('follows no link that leads out of the folder', async () => {
    const [out, outside] = [join(base, 'out'), join(base, 'outside')];
    await mkdir(out);
    await mkdir(outside);
    await symlink(outside, join(out, 'sub'));
    await expect(writeDocuments(out, [doc('sub/deeper/evil.md')], ids)).rejects.toMatchObject({ code: 'OUTPUT_REFUSED' });
    expect(await readdir(outside)).toEqual([]);
  });

  it('replaces a link that has the file’s name instead of writing through it', async () => {
    const [out, outside] = [join(base, 'out'), join(base, 'secret')];
    await mkdir(out);
    await symlink(outside, join(out, 'a.md'));
    await writeDocuments(out, [doc('a.md', 'A')], ids);
    await expect(stat(outside)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(join(out, 'a.md'), 'utf8')).toBe('A');
  });

  it('says why when the folder cannot be made', async () => {
    await writeDocuments(base, [doc('file')], ids);
    await expect(writeDocuments(join(base, 'file', 'sub'), [doc('a.md')], ids)).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
      exitCode: 1,
    });
  });
});
