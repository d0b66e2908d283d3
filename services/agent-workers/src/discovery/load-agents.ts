import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AgentProfile } from '@tutti/contracts';
import { CommandAgent } from '../command-agent/command-agent.js';
import type { ProgramStarter } from '../command-agent/program.port.js';
import type { AgentInstance, HostedAgent } from '../hosting/hosted-agent.js';
import type { AgentFile } from './agent-file.schema.js';
import { invalid, type DiscoveredAgent } from './discover-agents.js';
import type { AgentProblem } from './parse-agent-file.js';

export interface AgentLoading {
  readonly starter: ProgramStarter;
  /** What programs see besides their own `env`. */
  readonly programEnvironment: Readonly<Record<string, string>>;
  readonly killGraceMs: number;
}

/**
 * Instances of the agents, ready to be hosted.
 *
 * @throws TuttiError INVALID_CONFIG with every agent that cannot be made, each with its file
 */
export async function loadAgents(discovered: readonly DiscoveredAgent[], loading: AgentLoading): Promise<readonly HostedAgent[]> {
  const problems: AgentProblem[] = [];
  const hosted: HostedAgent[] = [];
  for (const agent of discovered) {
    try {
      hosted.push({ profile: profileOf(agent.definition), instance: await instanceOf(agent, loading) });
    } catch (error) {
      problems.push({ file: agent.file, line: null, message: error instanceof Error ? error.message : String(error) });
    }
  }
  if (problems.length > 0) throw invalid(problems);
  return hosted;
}

function profileOf({ entry: _, ...profile }: AgentFile): AgentProfile {
  return profile;
}

async function instanceOf({ definition, file, packaged }: DiscoveredAgent, loading: AgentLoading): Promise<AgentInstance> {
  const folder = dirname(file);
  if (definition.kind === 'command') {
    const { command, cwd, env, maxOutputBytes } = definition.entry;
    const [program, ...args] = command;
    if (program === undefined) throw new Error('entry.command: expected a program');
    const options = {
      command: [program, ...args] as const,
      cwd: resolve(folder, cwd),
      env: { ...loading.programEnvironment, ...env },
      maxOutputBytes,
      killGraceMs: loading.killGraceMs,
    };
    return new CommandAgent(options, loading.starter);
  }
  const { export: name, module } = definition.entry;
  const specifier = module === undefined ? packageEntry(packaged) : pathToFileURL(resolve(folder, module)).href;
  const exports = (await importModule(specifier)) as Readonly<Record<string, unknown>>;
  return instantiate(exports[name], name, specifier);
}

/** By shape, not by `instanceof`: an agent's package may bring its own copy of the SDK. */
function instantiate(found: unknown, name: string, specifier: string): AgentInstance {
  if (typeof found !== 'function')
    throw new Error(`entry.export: ${specifier} exports no class ${name}, found ${found === undefined ? 'nothing' : typeof found}`);
  const instance = new (found as new () => Partial<AgentInstance>)();
  if (typeof instance.processTask !== 'function')
    throw new Error(`entry.export: ${name} of ${specifier} has no method processTask; extend Agent of @tutti/agent-sdk`);
  return instance as AgentInstance;
}

/** As Node would resolve the package from within itself; by its bare name, as seen from here, where it is for importing only. */
function packageEntry(packaged: DiscoveredAgent['packaged']): string {
  if (packaged === null) throw new Error('entry.module: expected the path of a module; only agents of packages may leave it out');
  try {
    return pathToFileURL(createRequire(join(packaged.folder, 'package.json')).resolve(packaged.name)).href;
  } catch {
    return packaged.name;
  }
}

async function importModule(specifier: string): Promise<unknown> {
  try {
    return await import(specifier);
  } catch (error) {
    throw new Error(`cannot import ${specifier}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
