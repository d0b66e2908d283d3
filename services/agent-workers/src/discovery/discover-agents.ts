import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { TuttiError } from '@tutti/kernel';
import { z } from 'zod';
import type { AgentFile } from './agent-file.schema.js';
import { parseAgentFile, type AgentProblem } from './parse-agent-file.js';

const MAX_FILE_BYTES = 256 * 1024;
const MAX_FILES = 1_000;

export interface AgentSources {
  /** Folders of YAML files, relative to `base`. */
  readonly folders: readonly string[];
  /** Installed packages whose package.json names a folder of YAML files: `"tutti": {"agents": "<folder>"}`. */
  readonly packages: readonly string[];
  /** Absolute; packages are looked for in its `node_modules` and those of the folders above it. */
  readonly base: string;
}

export interface DiscoveredAgent {
  readonly definition: AgentFile;
  /** The YAML file it stands in. */
  readonly file: string;
  readonly nameLine: number;
  /** The package it comes from; null for one from a folder. */
  readonly packaged: { readonly name: string; readonly folder: string } | null;
}

interface Folder {
  readonly path: string;
  readonly packaged: DiscoveredAgent['packaged'];
}

/**
 * Every agent of the sources, by name.
 *
 * @throws TuttiError INVALID_CONFIG with every problem of every file at once, each with file and line
 */
export async function discoverAgents(sources: AgentSources): Promise<readonly DiscoveredAgent[]> {
  const problems: AgentProblem[] = [];
  const folders: Folder[] = sources.folders.map((folder) => ({ path: resolve(sources.base, folder), packaged: null }));
  for (const name of sources.packages) {
    const found = await packageFolder(name, sources.base);
    if ('path' in found) folders.push(found);
    else problems.push(found);
  }
  const agents: DiscoveredAgent[] = [];
  for (const folder of folders) await readFolder(folder, agents, problems);
  problems.push(...duplicates(agents));
  if (problems.length > 0) throw invalid(problems);
  return agents.sort((one, other) => (one.definition.name < other.definition.name ? -1 : 1));
}

export function invalid(problems: readonly AgentProblem[]): TuttiError {
  const lines = problems.map(({ file, line, message }) => `  ${file}${line === null ? '' : `:${line}`}: ${message}`);
  return new TuttiError('INVALID_CONFIG', `agents cannot be loaded:\n${lines.join('\n')}`, {
    details: { problems: problems.map((problem) => ({ ...problem })) },
  });
}

async function readFolder({ path, packaged }: Folder, agents: DiscoveredAgent[], problems: AgentProblem[]): Promise<void> {
  let names: string[];
  try {
    names = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).sort();
  } catch (error) {
    problems.push({ file: path, line: null, message: `expected a folder of agent files: ${(error as Error).message}` });
    return;
  }
  if (names.length > MAX_FILES)
    problems.push({ file: path, line: null, message: `found ${names.length} agent files, expected at most ${MAX_FILES}` });
  for (const name of names.slice(0, MAX_FILES)) {
    const file = join(path, name);
    const text = await readText(file);
    const parsed = typeof text === 'string' ? parseAgentFile(file, text) : { problems: [text] };
    if ('problems' in parsed) problems.push(...parsed.problems);
    else agents.push({ definition: parsed.agent, nameLine: parsed.nameLine, file, packaged });
  }
}

async function readText(file: string): Promise<string | AgentProblem> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) return { file, line: null, message: `has ${size} bytes, expected at most ${MAX_FILE_BYTES}` };
    return await readFile(file, 'utf8');
  } catch (error) {
    return { file, line: null, message: `cannot be read: ${(error as Error).message}` };
  }
}

function duplicates(agents: readonly DiscoveredAgent[]): readonly AgentProblem[] {
  const first = new Map<string, DiscoveredAgent>();
  return agents.flatMap((agent) => {
    const { name } = agent.definition;
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, agent);
      return [];
    }
    return [
      { file: agent.file, line: agent.nameLine, message: `name: there is an agent ${name} already, in ${before.file}:${before.nameLine}` },
    ];
  });
}

const packageJson = z.object({ tutti: z.object({ agents: z.string().min(1) }) });

async function packageFolder(name: string, base: string): Promise<Folder | AgentProblem> {
  for (let at = base; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    const file = join(folder, 'package.json');
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text !== null) return fromPackageJson(name, folder, file, text);
    if (dirname(at) === at)
      return {
        file: base,
        line: null,
        message: `package ${name} is not installed here or in a folder above; install it, or take it off the list of agent packages`,
      };
  }
}

function fromPackageJson(name: string, folder: string, file: string, text: string): Folder | AgentProblem {
  try {
    const { tutti } = packageJson.parse(JSON.parse(text));
    return { path: join(folder, tutti.agents), packaged: { name, folder } };
  } catch {
    return { file, line: null, message: 'expected "tutti": {"agents": "<folder of agent files>"}' };
  }
}
