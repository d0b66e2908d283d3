import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../failure/failure.js';
import { keyValues } from './key-values.js';
import { readRunInputs } from './run-inputs.js';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'tutti-cli-input-'));
  await writeFile(join(cwd, 'prd.md'), '\ufeff# Requirements\n');
  await writeFile(join(cwd, 'inputs.yaml'), 'prd: from file\nlimits: {stores: 3}\n');
  await writeFile(join(cwd, 'inputs.json'), '{"prd": "from json", "list": [1, 2]}');
  await writeFile(join(cwd, 'broken.yaml'), 'a: 1\nb: [1, 2\nc: 3\n');
  await writeFile(join(cwd, 'list.yaml'), '- a\n');
  await writeFile(join(cwd, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const read = (pairs: readonly string[], file?: string) => readRunInputs({ pairs, file, cwd });

describe('the inputs of a run', () => {
  it('are text, a file’s text or any JSON value', async () => {
    expect(await read(['a=x=y', 'empty=', 'prd=@prd.md', 'n=:3', 'list=:["a",null]', 'smile=:":-)"'])).toEqual({
      a: 'x=y',
      empty: '',
      prd: '# Requirements\n',
      n: 3,
      list: ['a', null],
      smile: ':-)',
    });
  });

  it('come from a YAML or JSON file, over which single ones win', async () => {
    expect(await read(['prd=mine'], 'inputs.yaml')).toEqual({ prd: 'mine', limits: { stores: 3 } });
    expect(await read([], 'inputs.json')).toEqual({ prd: 'from json', list: [1, 2] });
  });

  it('name the line when the file is neither', async () => {
    const { problems } = await read([], 'broken.yaml').then(
      () => ({ problems: [] }),
      (error: Failure) => error,
    );
    expect(problems[0]).toMatchObject({ line: 3, message: expect.stringContaining('must') });
  });

  it.each([
    [['a'], 'USAGE', 2],
    [['=x'], 'USAGE', 2],
    [['a=1', 'a=2'], 'USAGE', 2],
    [['a=:{'], 'USAGE', 2],
    [['a=@none.md'], 'FILE_UNREADABLE', 5],
    [['a=@.'], 'FILE_UNREADABLE', 5],
    [['a=@binary'], 'FILE_UNREADABLE', 5],
  ])('are refused when given as %p', async (pairs, code, exitCode) => {
    await expect(read(pairs)).rejects.toMatchObject({ code, exitCode });
  });

  it('must be an object in a file', async () => {
    await expect(read([], 'list.yaml')).rejects.toMatchObject({ code: 'INPUT_INVALID', exitCode: 5 });
  });

  it('can be named like members of every object', async () => {
    const inputs = await read(['__proto__=x', 'constructor=y']);
    expect(Object.keys(inputs)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(inputs)).toBe(Object.prototype);
  });
});

describe('key=value pairs', () => {
  it('keep what stands behind the first equals sign', () => {
    expect([...keyValues('--label', ['team=blue', 'q=a=b'])]).toEqual([
      ['team', 'blue'],
      ['q', 'a=b'],
    ]);
  });
});
