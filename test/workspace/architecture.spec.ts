import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './tracked-files.js';

const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
const [table = ''] = /^\| stream \| owner \| events \|.*?\n\n/ms.exec(text) ?? [];
const listed = [...table.matchAll(/\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b/g)].map(([name]) => name);
const types = [...new Set(readdirSync(join(root, 'libs/contracts/fixtures/v1')).map((file) => file.replace(/\..*/, '')))];

describe('who owns which events', () => {
  it('is said of every event, once', () => {
    expect(types.length).toBeGreaterThan(80);
    expect(listed.toSorted()).toEqual(types.toSorted());
  });
});
