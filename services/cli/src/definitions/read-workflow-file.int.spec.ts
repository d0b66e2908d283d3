import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { workflowFileKind } from '@tutti/workflow-files';
import { createProcesses } from '../connection/processes.js';
import { readWorkflowFile } from './read-workflow-file.js';

const root = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));
const BUILT = `{ kind: 'workflow', name: 'order', toYaml: () => 'name: order\\n' }`;

let cwd = '';
beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs'), 'cli'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`build failed: ${stderr}`);
});
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'tutti-definitions-'));
  await writeFile(join(cwd, 'package.json'), '{"type":"module"}');
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const read = async (name: string, text: string) => {
  await writeFile(join(cwd, name), text);
  return readWorkflowFile(name, { cwd, processes: createProcesses(process) });
};

describe('a file of workflows', () => {
  it.each([
    ['order.yaml', 'definition'],
    ['order.yml', 'definition'],
    ['order.json', 'definition'],
    ['order.ts', 'module'],
    ['order.mjs', 'module'],
    ['order.test.ts', null],
    ['order.d.ts', null],
    ['README.md', null],
  ])('is told by its name: %s', (name, kind) => {
    expect(workflowFileKind(name)).toBe(kind);
  });

  it('is handed over as it is when it is a definition', async () => {
    expect(await read('order.yaml', 'name: order')).toEqual([{ text: 'name: order', contentType: 'application/yaml' }]);
    expect(await read('order.json', '{}')).toEqual([{ text: '{}', contentType: 'application/json' }]);
  });

  it('gives each workflow once that a TypeScript module exports, and nothing of its other exports', async () => {
    const text = `export const order: object = ${BUILT};\nexport const again = order;\nexport const other = { name: 'no' };\nconsole.log('noise');`;
    expect(await read('order.ts', text)).toEqual([{ text: 'name: order\n', contentType: 'application/yaml', name: 'order' }]);
  });

  it('is read anew each time', async () => {
    expect(await read('order.mjs', 'export const none = 1;')).toEqual([]);
    expect(await read('order.mjs', `export const order = ${BUILT};`)).toHaveLength(1);
  });

  it('is refused with the reason when the module cannot be loaded', async () => {
    await expect(read('order.ts', `throw new Error('no luck');`)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('no luck'),
    });
    await expect(read('order.ts', 'process.exit(7);')).rejects.toMatchObject({ message: expect.stringContaining('exit code 7') });
  });

  it('does not stay open because of what a module leaves running', async () => {
    expect(await read('order.mjs', `setInterval(() => {}, 1000);\nexport const order = ${BUILT};`)).toHaveLength(1);
  });
});
