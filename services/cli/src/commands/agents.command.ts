import type { AgentView } from '../api/api-schemas.js';
import type { Cli } from '../cli.js';
import type { Command } from 'commander';
import { collect, examples, type Act, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { keyValues } from '../input/key-values.js';
import { readableText } from '../output/output-format.js';
import { sanitizeLines, sanitizeText } from '../terminal/text-width.js';
import { agoText } from '../terminal/time-text.js';

interface AgentsOptions {
  readonly capability?: readonly string[];
  readonly metadata?: readonly string[];
  readonly all?: boolean;
}

export const registerAgents: RegisterCommand = (program, act) => {
  const command = program
    .command('agents')
    .description('list agents by what they can do')
    .option('--capability <name>', 'only with this capability; repeatable, all of them', collect)
    .option('--metadata <key=value>', 'only with this entry; repeatable, all of them', collect)
    .option('--all', 'with those that were taken out');
  examples(
    act(command, agents),
    'tutti agents',
    'tutti agents --capability architecture.context --metadata team=blue',
    'tutti agents show architect-review',
  );
  examples(
    act(command.command('show').description('show one agent whole').argument('<name>', 'name of the agent'), showAgent),
    'tutti agents show architect-review',
  );
  registerHolding(command, act, 'pause', 'give one no more tasks; what it has in hand it finishes');
  registerHolding(command, act, 'resume', 'let a paused one have tasks again');
};

function registerHolding(agentsCommand: Command, act: Act, change: 'pause' | 'resume', description: string): void {
  const command = agentsCommand
    .command(change)
    .description(description)
    .argument('<name>', 'name of the agent')
    .option('--reason <text>', 'recorded with it');
  const hold: Action<{ readonly reason?: string }> = async (cli, [name = ''], { reason }): Promise<ExitCode> => {
    const { api } = await cli.connect();
    const answer = await api.holdAgent(name, change, reason);
    cli.result(answer.raw, () => cli.line(`${change}d ${name}`));
    return EXIT.ok;
  };
  examples(act(command, hold), `tutti agents ${change} architect-review`);
}

const agents: Action<AgentsOptions> = async (cli, _args, { capability, metadata, all }): Promise<ExitCode> => {
  const wanted = [...keyValues('--metadata', metadata ?? [])].map(([key, value]) => [`metadata.${key}`, value] as const);
  const { api } = await cli.connect();
  const answer = await api.listAgents({
    capability,
    ...Object.fromEntries(wanted),
    ...(all === true ? { includeDeregistered: true } : {}),
  });
  const now = cli.now();
  cli.result(answer.raw, () =>
    cli.table(
      answer.value,
      [
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
        { title: 'CHANGED', value: ({ changedAt }) => agoText(changedAt, now), wideOnly: true },
      ],
      'no agents',
    ),
  );
  return EXIT.ok;
};

const showAgent: Action<object> = async (cli, [name = '']): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.getAgent(name);
  cli.result(answer.raw, () => printAgent(cli, answer.value.agent));
  return EXIT.ok;
};

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
