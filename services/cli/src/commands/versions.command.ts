import type { Command } from 'commander';
import type { Answer } from '../api/api.js';
import type { VersionsAnswer } from '../api/api-schemas.js';
import type { Cli } from '../cli.js';
import { collect, examples, type Act, type Action } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { usageFailure } from '../failure/failure.js';
import { labelRule, namedVersion, ruleText, shareRule } from '../input/version-rules.js';
import { sanitizeText } from '../terminal/text-width.js';
import { agoText } from '../terminal/time-text.js';

interface ReasonOption {
  readonly reason?: string;
}

interface RolloutOptions extends ReasonOption {
  readonly share?: readonly string[];
  readonly label?: readonly string[];
  readonly newest?: boolean;
}

/** Hangs what decides over versions into `tutti workflows`. */
export function registerVersionCommands(workflows: Command, act: Act): void {
  const rollout = workflows
    .command('rollout')
    .description('say which versions new runs get; without options: show it')
    .argument('<workflow>', 'name')
    .option('--label <version:label=value,…>', 'runs with these labels get the version; may be given again', collect)
    .option('--share <version=percent>', 'a share of the other runs gets the version; may be given again', collect)
    .option('--newest', 'every run gets the newest version')
    .option('--reason <text>', 'recorded with it');
  examples(
    act(rollout, changeRollout),
    'tutti workflows rollout order-review --share 3=10',
    'tutti workflows rollout order-review --label 3:team=platform --share 2=100',
    'tutti workflows rollout order-review --newest',
  );
  const drain = workflows
    .command('drain')
    .description('let a version take no new runs; those under way go on')
    .argument('<version>', 'name@version')
    .option('--reason <text>', 'recorded with it');
  examples(act(drain, holdVersion('drain')), 'tutti workflows drain order-review@2 --reason "3 has proven itself"');
  const restore = workflows
    .command('restore')
    .description('let a drained version take new runs again')
    .argument('<version>', 'name@version')
    .option('--reason <text>', 'recorded with it');
  examples(act(restore, holdVersion('restore')), 'tutti workflows restore order-review@2');
}

/** The versions as a table, and the rules by which new runs get them. */
export function printVersions(cli: Cli, { versions, rules }: VersionsAnswer): void {
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

function stateOf({ drained, openRuns, moreOpenRuns }: VersionsAnswer['versions'][number]): string {
  if (!drained) return 'in use';
  return openRuns === 0 && !moreOpenRuns ? 'drained' : 'draining';
}

const changeRollout: Action<RolloutOptions> = async (
  cli,
  [name = ''],
  { share = [], label = [], newest = false, reason },
): Promise<ExitCode> => {
  const rules = [...label.map(labelRule), ...share.map(shareRule)];
  if (newest && rules.length > 0) throw usageFailure('--newest goes without --share and --label');
  const { api } = await cli.connect();
  if (!newest && rules.length === 0) return printRollout(cli, await api.listVersions(name));
  const answer = await api.changeRollout(name, rules, reason);
  cli.result(answer.raw, () => {
    const what = rules.length === 0 ? 'every new run gets the newest version' : `new runs get ${rules.map(ruleText).join('; ')}`;
    cli.line(sanitizeText(answer.value.changed ? `${name}: ${what}` : `${name}: it is so already`));
  });
  return EXIT.ok;
};

function printRollout(cli: Cli, answer: Answer<VersionsAnswer>): ExitCode {
  cli.result(answer.raw, () => printVersions(cli, answer.value));
  return EXIT.ok;
}

function holdVersion(change: 'drain' | 'restore'): Action<ReasonOption> {
  return async (cli, [named = ''], { reason }) => {
    const { name, version } = namedVersion(named);
    const { api } = await cli.connect();
    const answer = await api.holdVersion(name, version, change, reason);
    const done = change === 'drain' ? 'takes no new runs' : 'takes new runs';
    cli.result(answer.raw, () => cli.line(sanitizeText(`${name} v${version} ${done}${answer.value.changed ? '' : ' already'}`)));
    return EXIT.ok;
  };
}
