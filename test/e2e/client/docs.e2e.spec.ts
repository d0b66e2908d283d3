import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../../product/build.js';
import { root } from '../../product/paths.js';
import { Program } from '../../product/program.js';
import { cleanUp, Standalone } from '../../product/standalone-process.js';

const LIMIT_MS = 120_000;

/** Each program of the guide, and what it says that it prints. */
const samples = [...readFileSync(join(root, 'docs', 'client.md'), 'utf8').matchAll(/```ts\n(.*?)```\n\n```text\n(.*?)```/gs)].map(
  ([, code = '', output = ''], index) => ({ name: `sample-${index + 1}`, code, output }),
);

describe('the guide to the client', () => {
  let folder: string;
  let server: Standalone;
  beforeAll(async () => {
    buildProduct();
    // Inside the repository, where the packages are found.
    folder = mkdtempSync(join(root, 'node_modules', '.cache', 'client-samples-'));
    for (const { name, code } of samples) {
      writeFileSync(join(folder, `${name}.ts`), code);
      // Node takes types off by itself, though not below node_modules.
      writeFileSync(join(folder, `${name}.mjs`), stripTypeScriptTypes(code));
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    server = await Standalone.start();
  }, LIMIT_MS);
  afterAll(async () => {
    await server.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
  });

  it('has a sample for each part', () => expect(samples.length).toBeGreaterThanOrEqual(5));

  it(
    'has samples that compile',
    () => {
      const project = join(folder, 'tsconfig.json');
      writeFileSync(
        project,
        JSON.stringify({
          extends: join(root, 'tsconfig.base.json'),
          compilerOptions: { typeRoots: [join(root, 'node_modules', '@types')] },
          include: ['*.ts'],
        }),
      );
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8', timeout: LIMIT_MS });
      expect(stdout).toBe('');
      expect(status).toBe(0);
    },
    LIMIT_MS,
  );

  it.each(samples)(
    'has samples that print what it says: $name',
    async ({ name, output }) => {
      const env = { TUTTI_DATA_DIR: server.dataDir };
      const { code, out, err } = await new Program([join(folder, `${name}.mjs`)], { cwd: folder, env }).ended;
      expect(`${out}${err}`).toBe(output);
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );

  it('loads the gRPC packages only for gRPC', async () => {
    const loaded = (transport: string) => `
      import { createRequire } from 'node:module';
      import { connect } from '@tutti/client';
      await connect({ transport: '${transport}' }).runs.list();
      console.log(Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('grpc-js')));
      process.exit(0);
    `;
    const env = { TUTTI_DATA_DIR: server.dataDir };
    for (const [transport, answer] of [
      ['http', 'false\n'],
      ['grpc', 'true\n'],
    ] as const) {
      writeFileSync(join(folder, `loads-${transport}.mjs`), loaded(transport));
      expect((await new Program([join(folder, `loads-${transport}.mjs`)], { cwd: folder, env }).ended).out).toBe(answer);
    }
  });
});
