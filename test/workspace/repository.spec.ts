import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root, trackedFiles } from './tracked-files.js';

const MAX_LINES = 400;

describe('the tracked files', () => {
  const texts = trackedFiles()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));

  it('hold no absolute path of the machine they were written on', () => {
    const places = [`${root}/`, `${homedir()}/`, ['', 'work', 'main'].join('/'), ['', 'work', 'shared'].join('/')].filter(
      (place) => place !== '//',
    );
    expect(texts.filter(({ text }) => places.some((place) => text.includes(place))).map(({ path }) => path)).toEqual([]);
  });

  it('name no package registry', () => {
    const hosts =
      /\bregistry\.(?:npmjs|yarnpkg)\.\w+|\bnpm\.pkg\.github\.com|https?:\/\/[^\s"'`]*\/(?:artifactory|nexus)\/|^\s*(?:@[\w-]+:)?registry\s*=/m;
    const own = 'test/workspace/repository.spec.ts';
    expect(texts.filter(({ path, text }) => path !== own && hosts.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('pin dependencies by version and integrity, not by address', () => {
    const lockfile = texts.find(({ path }) => path === 'package-lock.json')?.text ?? '';
    expect(lockfile).toContain('"lockfileVersion"');
    expect(lockfile.match(/"resolved": "[a-z+]+:\/\/[^"]*"/g) ?? []).toEqual([]);
  });

  it(`hold no source file over ${MAX_LINES} lines`, () => {
    const sources = texts.filter(({ path }) => /\.(?:ts|mjs|cjs|js|proto|css|html)$/.test(path) && !path.includes('/generated/'));
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('give every project exactly one type', () => {
    const projects = texts.filter(({ path }) => /^(?:libs|services)\/[^/]+\/project\.json$/.test(path));
    const typesOf = ({ path, text }: { readonly path: string; readonly text: string }): readonly [string, number] => {
      const { tags } = JSON.parse(text) as { readonly tags: readonly string[] };
      return [path, tags.filter((tag) => tag.startsWith('type:')).length];
    };
    expect(projects.length).toBeGreaterThan(10);
    expect(projects.map(typesOf).filter(([, types]) => types !== 1)).toEqual([]);
  });

  it('give every library a layer, so that a boundary rule holds it', () => {
    const libraries = texts.filter(({ path, text }) => /^libs\/[^/]+\/project\.json$/.test(path) && text.includes('"type:lib"'));
    expect(
      libraries
        .filter(({ text }) => !/"layer:(?:kernel|contracts|rest|files|port|relay|kit|process|sdk|client)"/.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });
});
