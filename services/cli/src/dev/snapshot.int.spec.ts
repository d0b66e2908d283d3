import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changesBetween, takeSnapshot } from './snapshot.js';

let folder = '';
const at = (...parts: readonly string[]): string => join(folder, ...parts);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-snapshot-'));
  await mkdir(at('deep', 'er'), { recursive: true });
  await writeFile(at('one.ts'), 'one');
  await writeFile(at('deep', 'er', 'two.ts'), 'two');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a snapshot of folders', () => {
  it('tells new, changed and removed files apart from those that stayed', async () => {
    const before = await takeSnapshot([folder]);
    await writeFile(at('one.ts'), 'another');
    await writeFile(at('three.ts'), 'three');
    await rm(at('deep', 'er', 'two.ts'));
    expect(changesBetween(before, await takeSnapshot([folder], before))).toEqual({
      changed: [at('one.ts'), at('three.ts')],
      removed: [at('deep', 'er', 'two.ts')],
    });
  });

  it('sees no change in a file that was only touched', async () => {
    const before = await takeSnapshot([folder]);
    await utimes(at('one.ts'), 1, 1);
    expect(changesBetween(before, await takeSnapshot([folder], before))).toEqual({ changed: [], removed: [] });
  });

  it('leaves out installed packages and what begins with a dot', async () => {
    await mkdir(at('node_modules'));
    await mkdir(at('.git'));
    await writeFile(at('node_modules', 'package.js'), '');
    await writeFile(at('.git', 'HEAD'), '');
    await writeFile(at('.one.ts.swp'), '');
    expect([...(await takeSnapshot([folder])).keys()]).toEqual([at('one.ts'), at('deep', 'er', 'two.ts')]);
  });

  it('takes a folder that is not there for an empty one', async () => {
    expect((await takeSnapshot([at('nowhere')])).size).toBe(0);
  });
});
