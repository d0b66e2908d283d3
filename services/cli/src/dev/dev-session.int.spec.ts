import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { ChildExit, ChildOutput, Processes } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { createStyle } from '../terminal/style.js';
import { DevSession } from './dev-session.js';

const LOOK_MS = 2_000;
const PATIENCE_TURNS = 5_000;
const SAID_AT_START = 2;

/** Of each workflow that is registered. */
const versions = new Map<string, { readonly text: string; readonly version: number }>();
let folder = '';
let runtime: ManualRuntime;
let said: string[];
let hosts: number;
let hint: () => void;
let session: DevSession;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tutti-dev-')));
  await mkdir(join(folder, 'workflows'));
  await mkdir(join(folder, 'agents'));
  await write('workflows/order.yaml', 'name: order');
  await write('agents/clerk.yaml', 'name: clerk');
  versions.clear();
  runtime = createManualRuntime();
  [said, hosts] = [[], 0];
  session = new DevSession({
    environment: {
      cwd: folder,
      runtime,
      processes: readyAtOnce(),
      folderWatcher: { watch: (_folders, call) => ((hint = call), () => {}) },
    },
    dataDir: join(folder, '.tutti'),
    workflowFolders: [join(folder, 'workflows')],
    agentFolders: [join(folder, 'agents')],
    api: { registerWorkflow: register },
    print: {
      done: (text) => said.push(text),
      refused: (text, lines) => said.push([text, ...lines].join('\n')),
      line: (line) => said.push(line),
    },
    style: createStyle(false),
  });
  await session.start();
});
afterEach(async () => {
  await session.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a dev session', () => {
  it('begins with the agents and every workflow', () => {
    expect(said).toEqual(['agents loaded in 0 ms: agents of this project', 'workflow order v1: workflows/order.yaml']);
  });

  it('registers a workflow whose file changed, and leaves the agents alone', async () => {
    await write('workflows/order.yaml', 'name: order # better');
    await changed();
    expect(await news()).toEqual(['workflow order v2: workflows/order.yaml']);
    expect(hosts).toBe(1);
  });

  it('says what is wrong with a workflow, with its line, and takes it up once it is repaired', async () => {
    await write('workflows/order.yaml', 'nam: order');
    await changed();
    expect(await news()).toEqual([
      'workflows/order.yaml is not registered; the version before stays\n  workflows/order.yaml:1:1  unknown member "nam"',
    ]);
    await write('workflows/order.yaml', 'name: order # repaired');
    await changed();
    expect(await news()).toEqual(['workflow order v2: workflows/order.yaml']);
  });

  it('loads the agents anew once for several files of theirs', async () => {
    await write('agents/clerk.yaml', 'name: clerk # better');
    await write('agents/clerk.ts', 'export class Clerk {}');
    await changed();
    expect(await news()).toEqual(['agents loaded in 0 ms: agents/clerk.ts, agents/clerk.yaml']);
    expect(hosts).toBe(2);
  });

  it('loads the agents anew when a file of theirs is gone', async () => {
    await rm(join(folder, 'agents', 'clerk.yaml'));
    await changed();
    expect(await news()).toEqual(['agents loaded in 0 ms: agents/clerk.yaml']);
  });

  it('says that versions stay when a workflow’s file is gone', async () => {
    await rm(join(folder, 'workflows', 'order.yaml'));
    await changed();
    expect(await news()).toEqual(['workflows/order.yaml is gone; the versions that it registered stay']);
  });

  it('sees changes that nobody gave word of', async () => {
    await write('workflows/order.yaml', 'name: order # better');
    await runtime.advance(LOOK_MS);
    expect(await news()).toEqual(['workflow order v2: workflows/order.yaml']);
  });
});

async function changed(): Promise<void> {
  hint();
  await runtime.advance(100);
}

/** What was said since the start or the call before, once something was. Reading files takes turns of the real loop, the next look at them time. */
async function news(): Promise<readonly string[]> {
  for (let turn = 0; turn < PATIENCE_TURNS && said.length === SAID_AT_START; turn++) await runtime.advance(1);
  return said.splice(SAID_AT_START);
}

async function register(text: string) {
  const name = /^name: (\w+)/.exec(text)?.[1];
  if (name === undefined) {
    const problems = [{ line: 1, column: 1, path: '', message: 'unknown member "nam"' }];
    throw new Failure('DEFINITION_INVALID', 'the definition is not valid', { exitCode: EXIT.invalid, problems });
  }
  const before = versions.get(name);
  const created = before?.text !== text;
  const version = (before?.version ?? 0) + (created ? 1 : 0);
  versions.set(name, { text, version });
  const workflow = { name, version, description: '', definition: {}, hash: '', registeredAt: '', source: text };
  return { raw: {}, value: { workflow, created, position: 1 } };
}

/** Worker processes that are ready as soon as they are started, and end as soon as they are asked. */
function readyAtOnce(): Processes {
  return {
    isAlive: () => true,
    spawnNode(_args, output: ChildOutput) {
      hosts += 1;
      let end: (exit: ChildExit) => void = () => {};
      const exited = new Promise<ChildExit>((resolve) => (end = resolve));
      if (typeof output === 'object' && 'onLine' in output) output.onLine('ready worker-1');
      return { pid: 1, exited, kill: () => end({ code: 0, signal: null }) };
    },
  };
}

function write(path: string, text: string): Promise<void> {
  return writeFile(join(folder, path), text);
}
