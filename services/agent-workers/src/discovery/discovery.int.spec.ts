import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentContext, AgentTask } from '@tutti/agent-sdk';
import type { ProgramSpec } from '../command-agent/program.port.js';
import { discoverAgents, type AgentSources } from './discover-agents.js';
import { loadAgents } from './load-agents.js';

let base: string;
const started: ProgramSpec[] = [];
const loading = {
  starter: {
    start: (spec: ProgramSpec) => {
      started.push(spec);
      return { ended: Promise.resolve({ how: 'not-started', code: 'ENOENT', message: 'none' } as const), end: () => {} };
    },
  },
  programEnvironment: { PATH: '/bin' },
  killGraceMs: 10,
};
const sources = (changes: Partial<AgentSources> = {}): AgentSources => ({ folders: [], packages: [], base, ...changes });
const agent = (name: string, entry = 'kind: command\nentry: { command: [./run] }') =>
  `name: ${name}\nversion: 1.0.0\ncapabilities: [test.echo]\n${entry}\n`;
const EchoModule =
  'export class Echo { async processTask(task) { return task.input; } }\nexport const nothing = 1;\nexport class Empty {}\n';

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(base, path)), { recursive: true });
  await writeFile(join(base, path), text);
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tutti-discovery-'));
  started.length = 0;
});
afterEach(() => rm(base, { recursive: true }));

describe('discovery of agents', () => {
  it('finds agents in folders and packages, by name, whatever else lies there', async () => {
    await write('agents/b.yaml', agent('beta'));
    await write('agents/a.yml', agent('alpha'));
    await write('agents/notes.md', 'no agent');
    await write('node_modules/@acme/agents/package.json', '{"name": "@acme/agents", "tutti": {"agents": "team"}}');
    await write('node_modules/@acme/agents/team/c.yaml', agent('acme'));
    const found = await discoverAgents(sources({ folders: ['agents'], packages: ['@acme/agents'] }));
    expect(found.map(({ definition }) => definition.name)).toEqual(['acme', 'alpha', 'beta']);
    expect(found[0]?.packaged).toEqual({ name: '@acme/agents', folder: join(base, 'node_modules/@acme/agents') });
  });

  it('looks for packages in the folders above too', async () => {
    await write('node_modules/acme/package.json', '{"name": "acme", "tutti": {"agents": "."}}');
    await write('node_modules/acme/c.yaml', agent('acme'));
    await mkdir(join(base, 'deep/down'), { recursive: true });
    expect(await discoverAgents(sources({ packages: ['acme'], base: join(base, 'deep/down') }))).toHaveLength(1);
  });

  it('refuses with everything that is wrong in all sources at once', async () => {
    await write('agents/a.yaml', agent('Alpha'));
    await write('agents/b.yaml', agent('beta').replace('1.0.0', '""'));
    await write('node_modules/plain/package.json', '{"name": "plain"}');
    const failure = discoverAgents(sources({ folders: ['agents', 'absent'], packages: ['plain', 'missing-package'] }));
    const message = await failure.then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toContain(`${join(base, 'agents/a.yaml')}:1: name: `);
    expect(message).toContain(`${join(base, 'agents/b.yaml')}:2: version: `);
    expect(message).toContain(`${join(base, 'absent')}: expected a folder of agent files`);
    expect(message).toContain('plain/package.json: expected "tutti": {"agents"');
    expect(message).toContain('package missing-package is not installed');
    await expect(failure).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('refuses two agents of one name and names both files', async () => {
    await write('one/a.yaml', agent('twin'));
    await write('two/b.yaml', `# comment\n${agent('twin')}`);
    await expect(discoverAgents(sources({ folders: ['one', 'two'] }))).rejects.toMatchObject({
      message: expect.stringContaining(
        `${join(base, 'two/b.yaml')}:2: name: there is an agent twin already, in ${join(base, 'one/a.yaml')}:1`,
      ),
    });
  });
});

describe('loading of agents', () => {
  const task = { input: { hello: 'world' } } as unknown as AgentTask;

  it('makes an agent from a class in a module beside its file', async () => {
    await write('agents/echo.yaml', agent('echo', 'kind: class\nentry: { export: Echo, module: ./echo.mjs }'));
    await write('agents/echo.mjs', EchoModule);
    const [hosted] = await loadAgents(await discoverAgents(sources({ folders: ['agents'] })), loading);
    expect(hosted?.profile).toMatchObject({ name: 'echo', kind: 'class' });
    expect(hosted?.profile).not.toHaveProperty('entry');
    expect(await hosted?.instance.processTask(task, {} as AgentContext)).toEqual({ hello: 'world' });
  });

  it('makes an agent from a named export of its package', async () => {
    await write(
      'node_modules/acme/package.json',
      '{"name": "acme", "type": "module", "exports": {".": {"default": "./main.mjs"}, "./package.json": "./package.json"}, "tutti": {"agents": "."}}',
    );
    await write('node_modules/acme/main.mjs', EchoModule);
    await write('node_modules/acme/echo.yaml', agent('echo', 'kind: class\nentry: { export: Echo }'));
    const [hosted] = await loadAgents(await discoverAgents(sources({ packages: ['acme'] })), loading);
    expect(await hosted?.instance.processTask(task, {} as AgentContext)).toEqual({ hello: 'world' });
  });

  it('runs a command beside its file, with the environment of the host that programs may see and its own', async () => {
    await write('agents/echo.yaml', agent('echo', 'kind: command\nentry: { command: [./run, --fast], env: { MODE: test } }'));
    const [hosted] = await loadAgents(await discoverAgents(sources({ folders: ['agents'] })), loading);
    const context = { profile: hosted?.profile, signal: new AbortController().signal, log: () => {} } as unknown as AgentContext;
    await expect(hosted?.instance.processTask(task, context)).rejects.toThrow('could not start ./run');
    expect(started).toMatchObject([{ command: ['./run', '--fast'], cwd: join(base, 'agents'), env: { PATH: '/bin', MODE: 'test' } }]);
  });

  it('refuses every agent that cannot be made, each with its file', async () => {
    await write('agents/module.mjs', EchoModule);
    for (const [name, entry] of [
      ['absent', '{ export: Absent, module: ./module.mjs }'],
      ['constant', '{ export: nothing, module: ./module.mjs }'],
      ['empty', '{ export: Empty, module: ./module.mjs }'],
      ['lost', '{ export: Lost, module: ./lost.mjs }'],
      ['bare', '{ export: Bare }'],
    ] as const) {
      await write(`agents/${name}.yaml`, agent(name, `kind: class\nentry: ${entry}`));
    }
    const message = await loadAgents(await discoverAgents(sources({ folders: ['agents'] })), loading).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toMatch(/absent\.yaml: .*exports no class Absent, found nothing/);
    expect(message).toMatch(/constant\.yaml: .*exports no class nothing, found number/);
    expect(message).toMatch(/empty\.yaml: .*Empty .* has no method processTask/);
    expect(message).toMatch(/lost\.yaml: cannot import file:.*lost\.mjs/);
    expect(message).toMatch(/bare\.yaml: entry\.module: expected the path of a module/);
  });
});
