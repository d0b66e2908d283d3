import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { registerWorkflows } from './register-workflows.js';

let cwd = '';
let registered: string[];
let actors: Set<string>;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tutti-workflows-'));
  mkdirSync(join(cwd, 'workflows'));
  registered = [];
  actors = new Set();
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const put = (name: string, text: string): void => writeFileSync(join(cwd, 'workflows', name), text);
const moduleOf = (yaml: string): string => `export const made = { kind: 'workflow', name: 'made', toYaml: () => ${JSON.stringify(yaml)} };`;

/** Takes every definition but those that say "bad". */
const workflows = {
  registerWorkflow: ({ source, actor }: { readonly source: string; readonly actor: string }) => {
    actors.add(actor);
    const problems = [{ line: 3, column: 5, path: '/steps/one', message: 'unknown member "bad"' }];
    if (source.includes('bad')) return Promise.reject(new TuttiError('DEFINITION_INVALID', 'not valid', { details: { problems } }));
    registered.push(source);
    return Promise.resolve({ workflow: undefined, created: true });
  },
};

function register(): Promise<void> {
  const sources = { packages: [], base: cwd, folders: ['workflows'], cwd, actor: 'service:test' };
  return registerWorkflows(workflows, sources, { info: () => undefined });
}

describe('the workflows of a folder', () => {
  it('are its definitions and what its modules export, and nothing else', async () => {
    put('a.yaml', 'name: a');
    put('b.json', '{"name":"b"}');
    put('c.mjs', moduleOf('name: c'));
    put('c.test.mjs', 'throw new Error("never loaded");');
    put('notes.md', '# notes');
    await register();
    expect(registered).toEqual(['name: a', '{"name":"b"}', 'name: c']);
    expect([...actors]).toEqual(['service:test']);
  });

  it('stop the start with every problem at once: by line, for a module by path, and where one cannot be loaded', async () => {
    put('a.yaml', 'bad');
    put('b.mjs', moduleOf('bad'));
    put('c.mjs', 'throw new Error("no luck");');
    put('d.yaml', 'name: d');
    const problems = await register().catch(
      (error: TuttiError) => `${error.code}\n${error.message.replaceAll(join(cwd, 'workflows'), '')}`,
    );
    expect(problems).toBe(
      'INVALID_CONFIG\nworkflow definitions are not valid:\n' +
        '  /a.yaml:3:5 unknown member "bad"\n' +
        '  /b.mjs (made) /steps/one: unknown member "bad"\n' +
        '  /c.mjs cannot be loaded: no luck',
    );
  });
});
