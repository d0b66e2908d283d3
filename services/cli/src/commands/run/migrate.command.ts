import { collect, defineCommand, reasonFlag, runArgument, wholeNumber, type Args } from '../../command.js';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { keyValues } from '../../input/key-values.js';
import { sanitizeText } from '../../terminal/text-width.js';

interface MigrateOptions {
  readonly to?: number;
  readonly map?: readonly string[];
  readonly dryRun?: boolean;
  readonly reason?: string;
}

export const migrateRunCommand = defineCommand<MigrateOptions>({
  name: 'migrate',
  short: ['migrate'],
  summary: 'let a paused or waiting run go on by another version of its workflow',
  args: [runArgument],
  flags: [
    { flags: '--to <version>', summary: 'which version; default: the newest', parse: wholeNumber(1, 999_999_999) },
    { flags: '--map <old=new>', summary: 'new name of a step that has ended; may be given again', parse: collect },
    { flags: '--dry-run', summary: 'only say what would come of it' },
    reasonFlag,
  ],
  names: 'the id of the run',
  examples: ['tutti run migrate 0198… --dry-run', 'tutti run migrate 0198… --to 3 --map draft=write --reason "the review asks two"'],
  act: migrate,
});

async function migrate(cli: Cli, [runId = '']: Args, { to = 0, map = [], dryRun = false, reason }: MigrateOptions): Promise<ExitCode> {
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
  }, [runId]);
  return problems.length > 0 ? EXIT.conflict : EXIT.ok;
}
