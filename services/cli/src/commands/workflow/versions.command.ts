import { collect, defineCommand, reasonFlag, type Argument, type Args, type CommandDefinition } from '../../command.js';
import type { Answer } from '../../api/api.js';
import type { WorkflowVersions } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { usageFailure } from '../../failure/failure.js';
import { labelRule, namedVersion, ruleText, shareRule } from '../../input/version-rules.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

interface ReasonOption {
  readonly reason?: string;
}

interface RolloutOptions extends ReasonOption {
  readonly share?: readonly string[];
  readonly label?: readonly string[];
  readonly newest?: boolean;
}

const workflowArgument: Argument = { name: '<workflow>', summary: 'name', values: 'workflow' };

export const listVersionsCommand = defineCommand({
  name: 'versions',
  summary: 'list the versions of a workflow, and which of them new runs get',
  args: [workflowArgument],
  names: 'name@version of each',
  examples: ['tutti workflow versions order-review'],
  act: listVersions,
});

export const rolloutCommand = defineCommand<RolloutOptions>({
  name: 'rollout',
  summary: 'say which versions new runs get; without options: show it',
  args: [workflowArgument],
  flags: [
    { flags: '--label <version:label=value,…>', summary: 'runs with these labels get the version; may be given again', parse: collect },
    { flags: '--share <version=percent>', summary: 'a share of the other runs gets the version; may be given again', parse: collect },
    { flags: '--newest', summary: 'every run gets the newest version' },
    reasonFlag,
  ],
  names: 'name@version of each; the name where it was changed',
  examples: [
    'tutti workflow rollout order-review --share 3=10',
    'tutti workflow rollout order-review --label 3:team=platform --share 2=100',
    'tutti workflow rollout order-review --newest',
  ],
  act: changeRollout,
});

export const drainVersionCommand = holdCommand(
  'drain',
  'let a version take no new runs; those under way go on',
  ' --reason "3 has proven itself"',
);
export const restoreVersionCommand = holdCommand('restore', 'let a drained version take new runs again', '');

function holdCommand(change: 'drain' | 'restore', summary: string, more: string): CommandDefinition {
  return defineCommand<ReasonOption>({
    name: change,
    summary,
    args: [{ name: '<version>', summary: 'name@version', values: 'workflow' }],
    flags: [reasonFlag],
    names: 'name@version',
    examples: [`tutti workflow ${change} order-review@2${more}`],
    async act(cli, [named = ''], { reason }) {
      const { name, version } = namedVersion(named);
      const { api } = await cli.connect();
      const answer = await api.holdVersion(name, version, change, reason);
      const done = change === 'drain' ? 'takes no new runs' : 'takes new runs';
      const text = `${name} v${version} ${done}${answer.value.changed ? '' : ' already'}`;
      cli.result(answer.raw, () => cli.line(sanitizeText(text)), [`${name}@${version}`]);
      return EXIT.ok;
    },
  });
}

async function listVersions(cli: Cli, [name = '']: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  return printRollout(cli, name, await api.listVersions(name));
}

/** The versions as a table, and the rules by which new runs get them. */
export function printVersions(cli: Cli, { versions, rules }: WorkflowVersions): void {
  const now = cli.now();
  cli.table(
    versions,
    [
      { title: 'VERSION', value: ({ version, isNewest }) => `v${version}${isNewest ? ' (newest)' : ''}` },
      { title: 'NEW RUNS', value: ({ drained, share }) => (drained ? 'none' : `${share} %`), align: 'right' },
      { title: 'OPEN RUNS', value: ({ openRuns, moreOpenRuns }) => `${openRuns}${moreOpenRuns ? '+' : ''}`, align: 'right' },
      { title: 'STATE', value: stateOf },
      { title: 'REGISTERED', value: ({ registeredAt }) => agoText(registeredAt, now) },
    ],
    'it has no versions',
  );
  const labelled = rules.filter(({ labels }) => Object.keys(labels).length > 0);
  for (const rule of labelled) cli.line(sanitizeText(ruleText(rule)));
}

function stateOf({ drained, openRuns, moreOpenRuns }: WorkflowVersions['versions'][number]): string {
  if (!drained) return 'in use';
  return openRuns === 0 && !moreOpenRuns ? 'drained' : 'draining';
}

async function changeRollout(
  cli: Cli,
  [name = '']: Args,
  { share = [], label = [], newest = false, reason }: RolloutOptions,
): Promise<ExitCode> {
  const rules = [...label.map(labelRule), ...share.map(shareRule)];
  if (newest && rules.length > 0) throw usageFailure('--newest goes without --share and --label');
  const { api } = await cli.connect();
  if (!newest && rules.length === 0) return printRollout(cli, name, await api.listVersions(name));
  const answer = await api.changeRollout(name, rules, reason);
  const human = (): void => {
    const what = rules.length === 0 ? 'every new run gets the newest version' : `new runs get ${rules.map(ruleText).join('; ')}`;
    cli.line(sanitizeText(answer.value.changed ? `${name}: ${what}` : `${name}: it is so already`));
  };
  cli.result(answer.raw, human, [name]);
  return EXIT.ok;
}

function printRollout(cli: Cli, name: string, answer: Answer<WorkflowVersions>): ExitCode {
  const { versions } = answer.value;
  cli.list({ raw: answer.raw, rows: versions, name: ({ version }) => `${name}@${version}`, human: () => printVersions(cli, answer.value) });
  return EXIT.ok;
}
