import { resolve } from 'node:path';
import type { AgentProfile } from '@tutti/contracts';
import type { AgentWorkersConfig } from '../agent-workers.config.js';
import type { HostedAgent } from '../hosting/hosted-agent.js';
import { GateCommandAgent } from './gate-command-agent.js';
import type { ProgramStarter } from './program.port.js';

/** What a worker that runs the programs of `command` gates can do. */
const CAPABILITY = 'tutti.command';

/** The agent that runs them; none unless a folder for them is configured: whoever registers a workflow could run programs here. */
export function gateCommands(
  { gateCommands: { folder, concurrency }, killGraceMs }: AgentWorkersConfig,
  base: string,
  env: Readonly<Record<string, string>>,
  starter: ProgramStarter,
): readonly HostedAgent[] {
  if (folder === '') return [];
  const profile: AgentProfile = {
    ...{ name: 'tutti-command', version: '1.0.0', description: 'Runs the programs of command gates', role: '', prompt: '', model: '' },
    ...{ capabilities: [CAPABILITY], specialisations: [], tools: [], kind: 'command', metadata: {} },
    limits: { concurrency, timeoutMs: 0 },
  };
  return [{ profile, instance: new GateCommandAgent({ folder: resolve(base, folder), env, killGraceMs }, starter) }];
}
