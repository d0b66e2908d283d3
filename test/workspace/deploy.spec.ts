import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from './tracked-files.js';

interface ComposeFile {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly profiles: readonly string[];
        readonly build: { readonly context: string; readonly dockerfile: string; readonly args: Readonly<Record<string, string>> };
        readonly ports: readonly string[];
        readonly environment: Readonly<Record<string, string | number>>;
        readonly volumes: readonly string[];
      }
    >
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

describe('the deployment files', () => {
  const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as ComposeFile;
  const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
  const { tutti } = compose.services;

  it('start one Tutti in the profile "embedded", from a Dockerfile that exists', () => {
    expect(Object.keys(compose.services)).toEqual(['tutti']);
    expect(tutti?.profiles).toEqual(['embedded']);
    expect(existsSync(join(root, tutti?.build.context ?? '', tutti?.build.dockerfile ?? ''))).toBe(true);
  });

  it('open the door on the loopback address only', () => {
    expect(tutti?.ports).toEqual(['127.0.0.1:4700:4700']);
  });

  it('keep the data folder on a declared volume', () => {
    expect(tutti?.volumes).toEqual([`tutti-data:${tutti?.environment['TUTTI_DATA_DIR']}`]);
    expect(Object.keys(compose.volumes)).toEqual(['tutti-data']);
  });

  it('pass every build argument that the Dockerfile declares', () => {
    const declared = [...dockerfile.matchAll(/^ARG (\w+)/gm)].map(([, name]) => name);
    expect(Object.keys(tutti?.build.args ?? {})).toEqual(declared);
  });

  it('copy only what the repository holds', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => (paths ?? '').split(' '));
    expect(copied.length).toBeGreaterThan(3);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('run as a user without rights, with a check of its health', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK [^]*\/health\/live/m);
  });
});
