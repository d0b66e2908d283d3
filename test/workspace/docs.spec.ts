import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AgentContext } from '@tutti/agent-sdk';
import { ERROR_CODES, TRANSPORT_STATUS, type ErrorCode, type JsonObject } from '@tutti/kernel';
import { configJsonSchema, createSystemRuntime, loadConfig } from '@tutti/service-kit';
import { NodeProgramStarter } from '../../services/agent-workers/src/command-agent/node-program-starter.js';
import { discoverAgents } from '../../services/agent-workers/src/discovery/discover-agents.js';
import { loadAgents } from '../../services/agent-workers/src/discovery/load-agents.js';
import type { HostedAgent } from '../../services/agent-workers/src/hosting/hosted-agent.js';
import { JournalHarness } from '../../services/agent-workers/src/journal/journal-harness.js';
import { productionConfig as schema } from '../../libs/service-process/src/production/production-config.js';
import { compileDefinition } from '../../services/coordinator/src/definition/compile-definition.js';
import { httpStatus } from '../../services/gateway/src/door/problem.js';
import { standaloneConfig } from '../../services/standalone/src/standalone.config.js';
import { root, trackedFiles } from './tracked-files.js';

interface Sample {
  readonly document: string;
  readonly language: string;
  readonly text: string;
  /** The line in backquotes right above the sample; empty for none. */
  readonly file: string;
}

const AGENT_GUIDES: readonly string[] = ['docs/agents.md', 'docs/task-journal.md'];
const NO_STEPS: AgentContext['step'] = () => Promise.reject(new Error('it has no steps'));
const documents = trackedFiles().filter((path) => path.endsWith('.md') && !path.startsWith('examples/'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const samples = documents.flatMap(samplesOf);

describe('the documents', () => {
  it('link only to files and headings that exist', () => {
    expect(documents.length).toBeGreaterThan(15);
    const broken = documents.flatMap((path) =>
      linksOf(read(path))
        .filter((link) => !leads(path, link))
        .map((link) => `${path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = documents.flatMap((path) =>
      [...read(path).matchAll(/\bnpm (?:run )?(start|test|verify|(?<=run )[\w:-]+)/g)].map(([, name]) => name ?? ''),
    );
    expect(named).toContain('start');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('number decision records without gaps and give each a context, a decision and consequences', () => {
    const records = documents.filter((path) => path.startsWith('docs/adr/')).sort();
    expect(records.map((path) => Number(/\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]))).toEqual(records.map((_, index) => index + 1));
    const headings = (path: string): readonly string[] => [...read(path).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading ?? '');
    expect(records.filter((path) => headings(path).join() !== 'Context,Decision,Consequences')).toEqual([]);
  });
});

describe('the error reference', () => {
  const rows = new Map(tableRows('docs/errors.md').map(([code = '', ...cells]) => [code, cells]));

  it('has every code in the order of the code table, and before them none that does not exist', () => {
    const codes = Object.keys(ERROR_CODES);
    expect([...rows.keys()].slice(0, codes.length)).toEqual(codes);
  });

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('says of %s what the code does', (code) => {
    const { kind, retryable } = ERROR_CODES[code];
    const [foundKind, http, grpc, foundRetryable, advice] = rows.get(code) ?? [];
    expect([foundKind, http, foundRetryable]).toEqual([kind, String(httpStatus(code)), retryable ? 'yes' : 'no']);
    expect(grpc).toMatch(new RegExp(`^[A-Z_]+ \\(${TRANSPORT_STATUS[kind].grpc}\\)$`));
    expect(advice).not.toBe('');
  });
});

describe('the configuration reference', () => {
  it('has every setting with its default, and none that does not exist', () => {
    const found = tableRows('docs/configuration.md').map(([setting = '', value = '']) => [setting, value.replaceAll('`', '')]);
    const wanted = settingsOf(configJsonSchema(standaloneConfig) as JsonSchema);
    expect(found.map(([setting]) => setting).sort()).toEqual([...wanted.keys()].sort());
    const numbers = found.filter(([setting = '']) => /^(?:number|string)$/.test(typeof wanted.get(setting)));
    expect(numbers.length).toBeGreaterThan(20);
    const defaults = standaloneConfig.parse({});
    const defaultOf = (setting: string): unknown =>
      setting.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], defaults);
    expect(numbers).toEqual(numbers.map(([setting = '']) => [setting, String(defaultOf(setting))]));
  });

  it('shows a file that is accepted', () => {
    const [sample] = samples.filter(({ document, language }) => document === 'docs/configuration.md' && language === 'yaml');
    expect(loadConfig(standaloneConfig, { yaml: sample?.text ?? '', env: {} })).toMatchObject({
      gateway: { port: 4800 },
      workers: { drainMs: 10_000 },
    });
  });
});

describe('the reference of production settings', () => {
  const rows = tableRows('docs/production.md');

  it('has every setting with its default, and none that does not exist', () => {
    const wanted = settingsOf(configJsonSchema(schema) as JsonSchema);
    expect(rows.map(([setting]) => setting).sort()).toEqual([...wanted.keys()].sort());
    const defaults = schema.parse({});
    const defaultOf = (setting: string): unknown =>
      setting.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], defaults);
    const shown = (value: unknown): string =>
      value === undefined || (Array.isArray(value) && value.length === 0) ? 'none' : String(value);
    const found = rows.map(([setting = '', value = '']) => [setting, value.replaceAll('`', '')]);
    expect(found).toEqual(rows.map(([setting = '']) => [setting, shown(defaultOf(setting))]));
  });
});

describe('the workflow samples', () => {
  const workflows = samples
    .filter(({ language, text }) => language === 'yaml' && /^name:/.test(text) && /^steps:/m.test(text))
    .map((sample) => ({ ...sample, title: /^name: ([\w-]+)/.exec(sample.text)?.[1] ?? '' }));

  it('are there', () => {
    expect(workflows.length).toBeGreaterThanOrEqual(3);
  });

  it.each(workflows)('compile: $title of $document', ({ text }) => {
    expect(compileDefinition(text)).not.toHaveProperty('problems');
  });
});

describe('the agent samples', () => {
  let base = '';
  let agents: ReadonlyMap<string, HostedAgent> = new Map();

  beforeAll(async () => {
    // Inside the workspace, where the samples find @tutti/agent-sdk as a user's would.
    await mkdir(join(root, 'node_modules/.cache'), { recursive: true });
    base = await mkdtemp(join(root, 'node_modules/.cache/docs-'));
    await mkdir(join(base, 'agents'));
    for (const { document, file, text } of samples)
      if (AGENT_GUIDES.includes(document) && file !== '') await writeFile(join(base, file), text);
    const discovered = await discoverAgents({ folders: ['agents'], packages: [], base });
    const starter = new NodeProgramStarter(createSystemRuntime());
    const programEnvironment = { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
    const loaded = await loadAgents(discovered, { starter, programEnvironment, killGraceMs: 1_000 });
    agents = new Map(loaded.map((agent) => [agent.profile.name, agent]));
  });
  afterAll(() => rm(base, { recursive: true, force: true }));

  it('load, and do what they say: a class', async () => {
    expect(await work('word-count', { text: 'one two  three' })).toEqual({ words: 3 });
  });

  it('load, and do what they say: a program', async () => {
    expect(await work('line-stats', { text: `short\n${'long '.repeat(20)}` })).toEqual({ lines: 2, long: 1 });
  });

  it('load, and do what they say: steps that a second attempt does not repeat', async () => {
    const journal = new JournalHarness();
    for (const attempt of [1, 2]) {
      const { steps } = journal.attempt(attempt);
      expect(await work('greeter', { name: 'Ada' }, steps.step.bind(steps) as AgentContext['step'])).toBe('Good morning, Ada.');
    }
    expect(await journal.types()).toEqual(['Opened', 'Succeeded', 'Started', 'Succeeded', 'Opened']);
  });

  function work(name: string, input: JsonObject, step: AgentContext['step'] = NO_STEPS) {
    const agent = agents.get(name);
    if (agent === undefined) throw new Error(`the guides have no agent ${name}; they have ${[...agents.keys()].join(', ')}`);
    const task = { taskId: 't', runId: 'r', step: 's', capability: 'c', attempt: 1, input, feedback: [], idempotencyKey: 'k' };
    const { signal } = new AbortController();
    const nothing = (): undefined => undefined;
    const context = {
      profile: agent.profile,
      signal,
      log: nothing,
      progress: nothing,
      heartbeat: nothing,
      apiToken: async () => 'token',
      step,
    };
    return agent.instance.processTask(task, context);
  }
});

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly default?: unknown;
}

/** Path of each setting to its default. */
function settingsOf({ properties = {} }: JsonSchema, prefix = ''): ReadonlyMap<string, unknown> {
  const entries = Object.entries(properties).flatMap(([name, schema]): readonly (readonly [string, unknown])[] =>
    schema.properties === undefined ? [[`${prefix}${name}`, schema.default]] : [...settingsOf(schema, `${prefix}${name}.`)],
  );
  return new Map(entries);
}

/** Cells of the table rows whose first cell is in backquotes. */
function tableRows(path: string): readonly (readonly string[])[] {
  const lines = read(path).split('\n');
  return lines
    .filter((line) => /^\| `[\w.]+` \|/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`([\w.]+)`$/, '$1')),
    );
}

function samplesOf(document: string): readonly Sample[] {
  const blocks = read(document).matchAll(/(?:^`(?<file>[^`\n]+)`\n\n)?^```(?<language>\w*)\n(?<text>.*?)^```$/gms);
  return [...blocks].map(({ groups = {} }) => ({
    document,
    language: groups['language'] ?? '',
    text: groups['text'] ?? '',
    file: groups['file'] ?? '',
  }));
}

/** Targets of links that stay inside the repository, code left out. */
function linksOf(text: string): readonly string[] {
  const prose = text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\((?<target>[^)\s]+)\)/g)]
    .map(({ groups }) => groups?.['target'] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
}

function leads(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(root, target))) return false;
  if (anchor === undefined) return true;
  return [...read(target).matchAll(/^#+ (.*)$/gm)].some(
    ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-') === anchor,
  );
}
