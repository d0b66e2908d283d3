import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from './tracked-files.js';

const DOCUMENT = 'docs/failure-semantics.md';
/** Cells of a row: failure, what persists, what runs again, what you see, shown by. */
const CELLS = 5;

const text = readFileSync(join(root, DOCUMENT), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| failure |') && !line.startsWith('|---'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

describe('the failure contract', () => {
  it('says of every failure what persists, what runs again and what is seen', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((cells) => cells.length !== CELLS || cells.includes('')).map(([failure]) => failure)).toEqual([]);
    expect(new Set(rows.map(([failure]) => failure)).size).toBe(rows.length);
  });

  it.each(rows.map((cells): [string, string] => [cells[0] ?? '', cells.at(-1) ?? '']))('shows by a test: %s', (_, shownBy) => {
    const tests = testsOf(shownBy);
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter(({ name, file }) => !hasTest(file, name))).toEqual([]);
  });

  it.each(['is waited for without', 'no test is called this'])('would notice a test that is not there: %s', (name) => {
    const file = 'services/coordinator/src/owner/failure-contract.int.spec.ts';
    expect(hasTest(file, name)).toBe(name.startsWith('is waited'));
    expect(hasTest(`${file}x`, name)).toBe(false);
  });
});

interface LinkedTest {
  readonly name: string;
  readonly file: string;
}

function testsOf(cell: string): readonly LinkedTest[] {
  return [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', path = '']) => ({
    name,
    file: normalize(join(dirname(DOCUMENT), path)),
  }));
}

/** In quotes, as the name of a test or a part of one that is put together. */
function hasTest(file: string, name: string): boolean {
  if (!existsSync(join(root, file))) return false;
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .some((line) => /['`"]/.test(line) && line.includes(name));
}
