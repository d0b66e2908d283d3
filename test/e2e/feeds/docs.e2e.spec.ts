import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../../product/build.js';
import { root } from '../../product/paths.js';
import { Program } from '../../product/program.js';
import { cleanUp, Standalone } from '../../product/standalone-process.js';

const LIMIT_MS = 120_000;

/** Each program of the guide, and what it says that it prints; a later one may lean on what an earlier one did. */
const samples = [...readFileSync(join(root, 'docs', 'feeds.md'), 'utf8').matchAll(/```js\n(.*?)```\n\n```text\n(.*?)```/gs)].map(
  ([, code = '', output = ''], index) => ({ name: `sample-${index + 1}`, code, output }),
);

describe('the guide to the feeds', () => {
  let folder: string;
  let server: Standalone;
  beforeAll(async () => {
    buildProduct();
    // Inside the repository, where the packages are found.
    folder = mkdtempSync(join(root, 'node_modules', '.cache', 'feed-samples-'));
    for (const { name, code } of samples) writeFileSync(join(folder, `${name}.mjs`), code);
    server = await Standalone.start();
  }, LIMIT_MS);
  afterAll(async () => {
    await server.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
  });

  it('has a sample for each feed', () => expect(samples.length).toBeGreaterThanOrEqual(4));

  it.each(samples)(
    'has samples that print what it says: $name',
    async ({ name, output }) => {
      const env = { TUTTI_DATA_DIR: server.dataDir, TUTTI_ADDRESS: server.url, TUTTI_API_KEY: server.token };
      // The client finds the data folder by itself.
      const { TUTTI_DATA_DIR } = env;
      const usesClient = samples.find((sample) => sample.name === name)?.code.includes('@tutti/client') === true;
      const { code, out, err } = await new Program([join(folder, `${name}.mjs`)], {
        cwd: folder,
        env: usesClient ? { TUTTI_DATA_DIR } : env,
      }).ended;
      expect(`${out}${err}`).toBe(output);
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );
});
