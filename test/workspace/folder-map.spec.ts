import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, trackedFiles } from './tracked-files.js';

describe('the folder map of ARCHITECTURE.md', () => {
  const named = folderMap();
  const tracked = trackedDirectories();

  it('names every top-level folder, library and service', () => {
    const wanted = [...tracked].filter((path) => !path.includes('/') || /^(?:libs|services)\/[^/]+$/.test(path));
    expect(wanted.filter((path) => !named.includes(path))).toEqual([]);
  });

  it('names nothing that does not exist', () => {
    expect(named.filter((path) => !tracked.has(path))).toEqual([]);
  });

  it('names no folder twice', () => {
    expect(named).toEqual([...new Set(named)]);
  });
});

/** The paths of the first fenced block below the heading "Folder map": one a line, then two or more spaces and a description. */
function folderMap(): readonly string[] {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const block = /^#+ Folder map$.*?^```\w*\n(?<lines>.*?)^```$/ms.exec(text)?.groups?.['lines'];
  if (block === undefined) throw new Error('ARCHITECTURE.md has no fenced block below a heading "Folder map"');
  return block
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const path = /^\s*(?<path>\S+?)\/?\s{2,}\S/.exec(line)?.groups?.['path'];
      if (path === undefined) throw new Error(`The folder map's line "${line}" is not a path, two spaces and a description`);
      return path;
    });
}

function trackedDirectories(): ReadonlySet<string> {
  const directories = trackedFiles().flatMap((file) => {
    const parts = file.split('/').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return new Set(directories);
}
