import { collect, examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { keyValues } from '../input/key-values.js';
import { sanitizeText } from '../terminal/text-width.js';

interface MigrateOptions {
  readonly to?: number;
  readonly map?: readonly string[];
  readonly dryRun?: boolean;
  readonly reason?: string;
}

const MOST_VERSIONS = 999_999_999;

export const registerMigrate: RegisterCommand = (program, act) => {
  const command = program
    .command('migrate')
    .description('let a paused or waiting run go on by another version of its workflow')
    .argument('<run>', 'id of the run')
    .option('--to <version>', 'which version; default: the newest', wholeNumber(1, MOST_VERSIONS))
    .option('--map <old=new>', 'new name of a step that has ended; may be given again', collect)
    .option('--dry-run', 'only say what would come of it')
    .option('--reason <text>', 'recorded with it');
  examples(
    act(command, migrate),
    'tutti migrate 0198… --dry-run',
    'tutti migrate 0198… --to 3 --map draft=write --reason "the review asks two"',
  );
};

const migrate: Action<MigrateOptions> = async (cli, [runId = ''], { to = 0, map = [], dryRun = false, reason }): Promise<ExitCode> => {
  const mapping = Object.fromEntries(keyValues('--map', map));
  const { api } = await cli.connect();
  const { raw, value } = await api.migrateRun(runId, { toVersion: to, dryRun, mapping, ...(reason === undefined ? {} : { reason }) });
  const { fromVersion, toVersion, problems, added, dropped } = value;
  const step = `v${fromVersion} → v${toVersion}`;
  cli.result(raw, () => {
    if (fromVersion === toVersion) cli.line(`${runId} goes by v${toVersion} already`);
    else if (problems.length > 0) cli.line(`${runId} cannot be migrated ${step}:`);
    else cli.line(`${dryRun ? 'would migrate' : 'migrated'} ${runId} ${step}`);
    for (const problem of problems) cli.line(`  ${cli.style.red('✗')} ${sanitizeText(problem)}`);
    if (added.length > 0) cli.line(`  gets ${sanitizeText(added.join(', '))}`);
    if (dropped.length > 0) cli.line(`  loses ${sanitizeText(dropped.join(', '))}, which had not begun`);
  });
  return problems.length > 0 ? EXIT.conflict : EXIT.ok;
};
