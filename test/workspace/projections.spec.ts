import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Projection } from '@tutti/read-models';
import { ALL_PROJECTIONS } from '../../services/standalone/src/all-projections.js';
import { root, trackedFiles } from './tracked-files.js';

const sources = trackedFiles().filter((path) => /^services\/[^/]+\/src\/.*\.ts$/.test(path) && !path.endsWith('.spec.ts'));
const modules = sources.filter((path) => path.endsWith('.projection.ts'));

const isProjection = (value: unknown): value is Projection<never> =>
  typeof value === 'object' && value !== null && 'handles' in value && 'evolve' in value && 'version' in value;

describe('the projections of the services', () => {
  it('are all folded by the projections’ thread and held against the events by doctor', async () => {
    const made = await Promise.all(modules.map((path) => import(join(root, path)) as Promise<Record<string, unknown>>));
    const names = made.flatMap((module) => Object.values(module).filter(isProjection)).map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(modules.length);
    expect(ALL_PROJECTIONS.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it('stand in files that are named for it', () => {
    const declares = /^export const \w+: Projection</m;
    const declaring = sources.filter((path) => declares.test(readFileSync(join(root, path), 'utf8')));
    expect(declaring.sort()).toEqual([...modules].sort());
  });
});
