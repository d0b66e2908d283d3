import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from '../../product/paths.js';
import { TypedCommand } from './shell.js';

/** For what loads packages over the network. */
const INSTALL_LIMIT_MS = 180_000;
const LIMIT_MS = 60_000;
const RELOAD_LIMIT_MS = 20_000;

/** The commands of the guide, block by block. */
const [pack, firstSteps, dev, again] = [
  ...readFileSync(join(root, 'docs', 'getting-started.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms),
].map(([, lines = '']) => lines.trim().split('\n'));

let place = '';
/** Where somebody stands who follows the guide. */
let here = '';

beforeAll(() => {
  // The path of the data folder's socket has little room, and macOS has long temporary folders.
  place = mkdtempSync(join(realpathSync(tmpdir()), 'tn-'));
  symlinkSync(root, join(place, 'tutti'));
  here = join(place, 'start');
  mkdirSync(here);
});
afterAll(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));

async function type(line: string, limitMs: number = LIMIT_MS): Promise<string> {
  const { code, output } = await new TypedCommand(line, here).result(limitMs);
  if (code !== 0) throw new Error(`"${line}" ended with ${code}: ${output}`);
  return output;
}

describe('the guide for getting started, from an empty folder', () => {
  it(
    'leads from packed tarballs to a project that is tested and runs',
    async () => {
      expect(pack).toEqual(['npm run pack']);
      const packed = await new TypedCommand('npm run pack', join(place, 'tutti')).result(INSTALL_LIMIT_MS);
      expect(packed).toMatchObject({ code: 0 });
      const said: Record<string, string> = {};
      for (const line of firstSteps ?? []) {
        if (line.startsWith('cd ')) here = join(here, line.slice('cd '.length));
        else said[line] = await type(line, INSTALL_LIMIT_MS);
      }
      expect(said['npm test']).toMatch(/^ℹ pass [1-9]/m);
      expect(said['npm test']).toMatch(/^ℹ fail 0$/m);
      const last = said[firstSteps?.at(-1) ?? ''];
      expect(last).toMatch(/^succeeded in /m);
      expect(last).toContain('text: Good morning, Ada!');
    },
    3 * INSTALL_LIMIT_MS,
  );

  it('brings a Node of its own, whatever the machine has', async () => {
    expect(await type('npx tutti version')).toContain(`(Node ${process.versions.node})`);
  });

  it(
    'has dev take up an agent and a workflow as they change, and keep them when a change is bad',
    async () => {
      const system = new TypedCommand((dev ?? []).join('\n'), here);
      try {
        const run = async (): Promise<string> => type((again ?? []).join('\n'));
        let at = await system.printed('ready http://', LIMIT_MS);
        expect(await run()).toContain('text: Good morning, Ada!');

        edit('agents/writer.ts', 'Good morning', 'Good evening');
        at = await system.printed('✓ agents loaded in', RELOAD_LIMIT_MS, at);
        expect(await run()).toContain('text: Good evening, Ada!');

        edit('agents/writer.ts', 'return {', 'return (');
        at = await system.printed('✗ the agents stay as they were: agents/writer.ts', RELOAD_LIMIT_MS, at);
        edit(WORKFLOW, 'at most 20 words', 'at most 20 words, please');
        at = await system.printed('✓ workflow greeting v2', RELOAD_LIMIT_MS, at);
        expect(await run()).toContain('text: Good evening, Ada!');

        edit(WORKFLOW, "needs: ['draft']", "needs: ['drafts']");
        at = await system.printed(`✗ workflow greeting of ${WORKFLOW} is not registered`, RELOAD_LIMIT_MS, at);
        writeFileSync(join(here, 'workflows', 'second.yaml'), 'name: second\nsteps:\n  one:\n    capabilty: greeting.draft\n');
        at = await system.printed('✗ workflows/second.yaml is not registered', RELOAD_LIMIT_MS, at);
        await system.printed('workflows/second.yaml:4:', RELOAD_LIMIT_MS, at);
        expect(await run()).toContain('text: Good evening, Ada!');
      } finally {
        system.signal('SIGINT');
      }
      await system.result(LIMIT_MS);
      expect(existsSync(join(here, '.tutti', 'server.json'))).toBe(false);
    },
    3 * LIMIT_MS,
  );

  it(
    'has a project without TypeScript that runs and whose tests pass',
    async () => {
      here = join(place, 'start');
      await type('npx tutti new plain --template yaml');
      // Its packages are found one folder above.
      here = join(here, 'plain');
      expect(await type('npm test')).toMatch(/^ℹ fail 0$/m);
    },
    2 * LIMIT_MS,
  );
});

const WORKFLOW = 'workflows/greeting.ts';

function edit(path: string, from: string, to: string): void {
  const file = join(here, path);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} has no "${from}"`);
  writeFileSync(file, text.replace(from, to));
}
