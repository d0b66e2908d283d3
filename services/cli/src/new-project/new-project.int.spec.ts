import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { runProgram } from '../program.js';
import { createFakeEnvironment } from '../testing/fake-environment.js';
import { packageSources } from './package-sources.js';
import { packagesOf, projectFiles, TEMPLATES } from './template.js';
import { writeProject } from './write-project.js';

const workspace = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));
const NAMES = ['@tutti/cli', '@tutti/agent-sdk'];

let place = '';
beforeEach(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), 'tutti-new-')));
});
afterEach(() => rm(place, { recursive: true, force: true }));

describe('tutti new', () => {
  const create = async (...args: readonly string[]) => {
    const environment = createFakeEnvironment({ argv: ['new', ...args], cwd: place, runtime: createManualRuntime() });
    return { code: await runProgram(environment), err: environment.stderr.text() };
  };

  it('refuses a folder that holds something, and leaves that alone', async () => {
    await mkdir(join(place, 'taken'));
    await writeFile(join(place, 'taken', 'notes.txt'), 'mine');
    expect(await create('taken')).toMatchObject({ code: 2, err: expect.stringContaining('is not empty: it holds notes.txt') });
    expect(await readdir(join(place, 'taken'))).toEqual(['notes.txt']);
  });

  it('refuses a file in the place of the folder', async () => {
    await writeFile(join(place, 'taken'), 'mine');
    expect(await create('taken')).toMatchObject({ code: 2, err: expect.stringContaining('is no folder') });
  });

  it.each(['Order', 'order review', '-order', '.order', 'order-', `o${'r'.repeat(100)}`])('refuses the name "%s"', async (name) => {
    expect(await create('--', name)).toMatchObject({ code: 2, err: expect.stringContaining('is no name of a project') });
    expect(await readdir(place)).toEqual([]);
  });

  it('refuses a template that does not exist and names the ones that do', async () => {
    expect(await create('order', '--template', 'cobol')).toMatchObject({ code: 2, err: expect.stringContaining(TEMPLATES.join(', ')) });
  });
});

describe('writing a project', () => {
  const files = [
    { path: 'package.json', text: '{}' },
    { path: 'agents/one.yaml', text: 'name: one' },
  ];

  it('makes the folder, and those above it', async () => {
    await writeProject(join(place, 'deep', 'order'), files);
    expect(await readFile(join(place, 'deep', 'order', 'agents', 'one.yaml'), 'utf8')).toBe('name: one');
    expect(await readdir(join(place, 'deep'))).toEqual(['order']);
  });

  it('fills a folder that is empty', async () => {
    await mkdir(join(place, 'order'));
    await writeProject(join(place, 'order'), files);
    expect((await readdir(join(place, 'order'))).sort()).toEqual(['agents', 'package.json']);
    expect(await readdir(place)).toEqual(['order']);
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    const broken = [...files, { path: 'package.json/below-a-file', text: '' }];
    await expect(writeProject(join(place, 'order'), broken)).rejects.toThrow();
    expect(await readdir(place)).toEqual([]);
  });

  it('takes the place of what a run that was killed had begun', async () => {
    await mkdir(join(place, '.order.new'));
    await writeFile(join(place, '.order.new', 'half'), '');
    await writeProject(join(place, 'order'), files);
    expect((await readdir(join(place, 'order'))).sort()).toEqual(['agents', 'package.json']);
  });
});

describe.each(TEMPLATES)('the template %s', (template) => {
  it('has the name and every package filled in, and nothing left open', async () => {
    const names = await packagesOf(template);
    expect(names).toEqual(expect.arrayContaining(NAMES));
    const files = await projectFiles(template, 'order-review', new Map(names.map((name) => [name, '1.2.3'])));
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['.gitignore', 'README.md', 'package.json', 'tutti.yaml']));
    expect(files.filter(({ text }) => /__[@A-Z]/.test(text))).toEqual([]);
    const manifest = JSON.parse(files.find(({ path }) => path === 'package.json')?.text ?? '') as { readonly name: string };
    expect(manifest).toMatchObject({ name: 'order-review', devDependencies: { '@tutti/cli': '1.2.3' } });
  });

  it('holds a path with quotation marks and backslashes as JSON does', async () => {
    const path = 'file:../a "b" \\c.tgz';
    const files = await projectFiles(template, 'order', new Map((await packagesOf(template)).map((name) => [name, path])));
    const manifest: unknown = JSON.parse(files.find((file) => file.path === 'package.json')?.text ?? '');
    expect(manifest).toMatchObject({ devDependencies: { '@tutti/cli': path } });
  });

  it('names the versions of tools that the workspace is tested with', async () => {
    const files = await projectFiles(template, 'order', new Map());
    const { devDependencies } = JSON.parse(files.find(({ path }) => path === 'package.json')?.text ?? '') as Manifest;
    const tools = Object.entries(devDependencies).filter(([name]) => !name.startsWith('@tutti/'));
    const own = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8')) as Manifest;
    expect(tools).toEqual(tools.map(([name]) => [name, own.devDependencies[name]]));
  });
});

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

describe('where a project gets its packages from', () => {
  const project = (): string => join(place, 'order');

  it('is the registry, by version, when the program came from there', async () => {
    const from = await install({ '@tutti/cli': 'https://packages.example/cli-1.0.0.tgz' });
    expect(await packageSources(NAMES, { project: project(), version: '1.0.0', from })).toEqual(
      new Map([
        ['@tutti/cli', '1.0.0'],
        ['@tutti/agent-sdk', '1.0.0'],
      ]),
    );
  });

  it('is the file that each was installed from, and its folder for one that was not', async () => {
    await tarballs('packed', 'tutti-cli-1.0.0.tgz', 'tutti-agent-sdk-1.0.0.tgz');
    await tarballs('other', 'my-sdk.tgz');
    const from = await install({ '@tutti/cli': 'file:../packed/tutti-cli-1.0.0.tgz' });
    expect(await packageSources(NAMES, { project: project(), version: '1.0.0', from })).toEqual(
      new Map([
        ['@tutti/cli', 'file:../packed/tutti-cli-1.0.0.tgz'],
        ['@tutti/agent-sdk', 'file:../packed/tutti-agent-sdk-1.0.0.tgz'],
      ]),
    );
    const both = await install({ '@tutti/cli': 'file:../packed/tutti-cli-1.0.0.tgz', '@tutti/agent-sdk': 'file:../other/my-sdk.tgz' });
    const sources = await packageSources(NAMES, { project: project(), version: '1.0.0', from: both });
    expect(sources.get('@tutti/agent-sdk')).toBe('file:../other/my-sdk.tgz');
  });

  it('is the folder of packed packages in a clone, which must be there', async () => {
    const from = join(place, 'clone', 'services', 'cli');
    await expect(packageSources(NAMES, { project: project(), version: '1.0.0', from })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      hint: expect.stringContaining('npm run pack'),
    });
    await tarballs(join('clone', 'dist-packages'), 'tutti-cli-1.0.0.tgz', 'tutti-agent-sdk-1.0.0.tgz');
    expect((await packageSources(NAMES, { project: project(), version: '1.0.0', from })).get('@tutti/cli')).toBe(
      'file:../clone/dist-packages/tutti-cli-1.0.0.tgz',
    );
  });

  async function tarballs(folder: string, ...names: readonly string[]): Promise<void> {
    await mkdir(join(place, folder), { recursive: true });
    for (const name of names) await writeFile(join(place, folder, name), '');
  }

  /** A folder as npm leaves it, with each package's `resolved`; gives where the program is in it. */
  async function install(resolved: Readonly<Record<string, string>>): Promise<string> {
    const modules = join(place, 'start', 'node_modules');
    await mkdir(join(modules, '@tutti', 'cli'), { recursive: true });
    const packages = Object.fromEntries(Object.entries(resolved).map(([name, source]) => [`node_modules/${name}`, { resolved: source }]));
    await writeFile(join(modules, '.package-lock.json'), JSON.stringify({ packages }));
    return join(modules, '@tutti', 'cli');
  }
});
