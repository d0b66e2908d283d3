import { describe, expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TypedWorkflow } from '@tutti/workflow-sdk';
import { childWorkflow, EVERY_OTHER_VERB, EVERYTHING_OF_A_TASK } from '@tutti/workflow-sdk/testing';
import { createTestKit } from '../index.js';
import { chaos, holding, long, stubborn } from './chaos-workflows.js';
import { longList, twentySteps } from './load-workflows.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const BUILT: Readonly<Record<string, TypedWorkflow & { toYaml(): string }>> = {
  ...{ chaos, holding, long, stubborn },
  ...{ 'long-list': longList, 'twenty-steps': twentySteps },
};

describe('workflows of the builder', () => {
  const files = globSync('test/{chaos,load}/**/workflows/*.yaml', { cwd: ROOT });

  it.each(files)('say what %s says: it is the same version', async (file) => {
    const yaml = readFileSync(`${ROOT}${file}`, 'utf8');
    const built = BUILT[basename(file, '.yaml')];
    if (built === undefined) throw new Error(`nothing is built for ${file}`);
    const kit = await createTestKit();
    const written = await kit.register(yaml);
    expect(await kit.register(built)).toEqual({ ...written, created: false });
    expect(await kit.register(built.toYaml())).toEqual({ ...written, created: false });
  });

  it.each(Object.entries({ EVERYTHING_OF_A_TASK, EVERY_OTHER_VERB }))(
    'say of every verb what a person would: %s',
    async (_, { built, yaml }) => {
      const kit = await createTestKit({ workflows: [childWorkflow] });
      const written = await kit.register(yaml);
      expect(await kit.register(built)).toEqual({ ...written, created: false });
    },
  );

  it('are there for every file', () => {
    expect(files.map((file) => basename(file, '.yaml')).sort()).toEqual(Object.keys(BUILT).sort());
  });
});
