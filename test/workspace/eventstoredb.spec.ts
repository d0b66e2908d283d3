import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from './tracked-files.js';

const DOCUMENT = 'docs/eventstoredb.md';
/** Cells of a row: behaviour, documented at, shown by, real server. */
const CELLS = 4;

const rows = readFileSync(join(root, DOCUMENT), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| behaviour |'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

describe('what Tutti relies on of EventStoreDB', () => {
  it('says of every behaviour where it is documented, what shows it, and whether a real server has', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((cells) => cells.length !== CELLS || cells.includes('')).map(([behaviour]) => behaviour)).toEqual([]);
    expect(new Set(rows.map(([behaviour]) => behaviour)).size).toBe(rows.length);
    expect(rows.filter((cells) => !/^(no|yes: \S.*)$/.test(cells.at(-1) ?? '')).map(([behaviour]) => behaviour)).toEqual([]);
  });

  it('names a page, or says that none does', () => {
    const unnamed = rows.filter(
      ([, pages = '']) => !/\]\(https:\/\/|not documented|in the client’s own code|in the client's own code|of this adapter/.test(pages),
    );
    expect(unnamed.map(([behaviour]) => behaviour)).toEqual([]);
  });

  it.each(rows.map((cells): [string, string] => [cells[0] ?? '', cells[2] ?? '']))('shows by a test: %s', (_, shownBy) => {
    const tests = [...shownBy.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', path = '']) => ({
      name,
      file: normalize(join(dirname(DOCUMENT), path)),
    }));
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter(({ name, file }) => !hasTest(file, name))).toEqual([]);
  });

  it('would notice a test that is not there', () => {
    const file = 'libs/event-store/src/eventstoredb/eventstoredb-faults.int.spec.ts';
    expect(hasTest(file, 'leaves a connection on which nothing passes any more')).toBe(true);
    expect(hasTest(file, 'no test is called this')).toBe(false);
    expect(hasTest(`${file}x`, 'leaves a connection on which nothing passes any more')).toBe(false);
  });
});

/** In quotes, as the name of a test. */
function hasTest(file: string, name: string): boolean {
  if (!existsSync(join(root, file))) return false;
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .some((line) => line.includes(`'${name}'`));
}
