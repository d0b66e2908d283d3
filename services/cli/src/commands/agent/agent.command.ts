import { collect, defineCommand, reasonFlag, type Argument, type Args, type CommandDefinition } from '../../command.js';
import { listFlags, showList, type ListOptions } from '../listing.js';
import type { Column } from '../../terminal/table.js';
import type { AgentView } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { keyValues } from '../../input/key-values.js';
import { readableText } from '../../output/output-format.js';
import { sanitizeLines, sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

interface AgentsOptions extends ListOptions {
  readonly capability?: readonly string[];
  readonly metadata?: readonly string[];
}

const agentArgument: Argument = { name: '<name>', summary: 'name of the agent', values: 'agent' };

export const listAgentsCommand = defineCommand<AgentsOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list agents by what they can do',
  flags: [
    { flags: '--capability <name>', summary: 'only with this capability; repeatable, all of them', parse: collect },
    { flags: '--metadata <key=value>', summary: 'only with this entry; repeatable, all of them', parse: collect },
    ...listFlags(200, 'all there are, whatever the limit, those that were taken out too'),
  ],
  names: 'the names of the agents',
  examples: ['tutti agent list', 'tutti agent list --capability architecture.context --metadata team=blue'],
  act: agents,
});

export const describeAgentCommand = defineCommand({
  name: 'describe',
  aliases: ['get', 'show'],
  summary: 'show one agent whole',
  args: [agentArgument],
  names: 'its name',
  examples: ['tutti agent describe architect-review'],
  act: showAgent,
});

export const pauseAgentCommand = holdCommand('pause', 'give one no more tasks; what it has in hand it finishes');
export const resumeAgentCommand = holdCommand('resume', 'let a paused one have tasks again');

function holdCommand(change: 'pause' | 'resume', summary: string): CommandDefinition {
  return defineCommand<{ readonly reason?: string }>({
    name: change,
    summary,
    args: [agentArgument],
    flags: [reasonFlag],
    names: 'its name',
    examples: [`tutti agent ${change} architect-review`],
    async act(cli, [name = ''], { reason }) {
      const { api } = await cli.connect();
      const answer = await api.holdAgent(name, change, reason);
      cli.result(answer.raw, () => cli.line(`${change}d ${name}`), [name]);
      return EXIT.ok;
    },
  });
}

async function agents(cli: Cli, _args: Args, options: AgentsOptions): Promise<ExitCode> {
  const { capability, metadata, all } = options;
  const wanted = [...keyValues('--metadata', metadata ?? [])].map(([key, value]) => [`metadata.${key}`, value] as const);
  const query = { capability, ...Object.fromEntries(wanted), ...(all === true ? { includeDeregistered: true } : {}) };
  const { api } = await cli.connect();
  return showList(cli, options, {
    read: (limit) => api.listAgents(query, limit),
    name: ({ profile }) => profile.name,
    columns: agentColumns,
    none: 'no agents',
  });
}

function agentColumns(nowMs: number): readonly Column<AgentView>[] {
  return [
    { title: 'AGENT', value: ({ profile }) => profile.name },
    { title: 'VERSION', value: ({ profile }) => profile.version },
    { title: 'ROLE', value: ({ profile }) => profile.role, flexible: true },
    { title: 'CAPABILITIES', value: ({ profile }) => profile.capabilities.join(' '), flexible: true },
    {
      title: 'STATUS',
      value: ({ status }) => status,
      paint: ({ status }) => (status === 'registered' ? 'green' : status === 'paused' ? 'yellow' : 'dim'),
    },
    { title: 'KIND', value: ({ profile }) => profile.kind, wideOnly: true },
    { title: 'MODEL', value: ({ profile }) => profile.model, wideOnly: true },
    { title: 'CHANGED', value: ({ changedAt }) => agoText(changedAt, nowMs), wideOnly: true },
  ];
}

async function showAgent(cli: Cli, [name = '']: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.getAgent(name);
  cli.result(answer.raw, () => printAgent(cli, answer.value.agent), [name]);
  return EXIT.ok;
}

function printAgent(cli: Cli, { profile, status, registeredAt, generation }: AgentView): void {
  const { style } = cli;
  cli.line(
    `${style.bold(sanitizeText(profile.name))} ${sanitizeText(profile.version)}  ${status}, registered ${agoText(registeredAt, cli.now())}, generation ${generation}`,
  );
  for (const line of sanitizeLines(profile.description)) if (line !== '') cli.line(line);
  cli.line();
  const rows: readonly (readonly [string, string])[] = [
    ['role', profile.role],
    ['kind', profile.kind],
    ['model', profile.model],
    ['capabilities', profile.capabilities.join(', ')],
    ['specialisations', profile.specialisations.join(', ')],
    ['tools', profile.tools.join(', ')],
    ['at once', profile.limits === undefined ? '' : String(profile.limits.concurrency)],
    ['timeout', profile.limits === undefined || profile.limits.timeoutMs === 0 ? '' : `${profile.limits.timeoutMs / 1000}s`],
  ];
  for (const [label, value] of rows) if (value !== '') cli.line(`${style.dim(label.padEnd(16))}${sanitizeText(value)}`);
  if (Object.keys(profile.metadata).length > 0)
    for (const line of sanitizeLines(readableText(profile.metadata))) cli.line(`${style.dim('metadata'.padEnd(16))}${line}`);
}
