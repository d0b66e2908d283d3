import { Option } from 'commander';
import type { RunView } from '../api/api-schemas.js';
import { collect, examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { keyValues } from '../input/key-values.js';
import type { StyleName } from '../terminal/style.js';
import { agoText, durationText } from '../terminal/time-text.js';

interface RunsOptions {
  readonly workflow?: string;
  readonly status?: string;
  readonly label?: readonly string[];
  readonly all?: boolean;
  readonly below?: string;
  readonly limit: number;
}

export const RUN_PAINT: Readonly<Record<string, StyleName>> = {
  running: 'cyan',
  paused: 'yellow',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
};

export const registerRuns: RegisterCommand = (program, act) => {
  const command = program
    .command('runs')
    .description('list runs, newest first')
    .option('--workflow <name>', 'only of this workflow')
    .addOption(new Option('--status <status>', 'only with this status').choices(['running', 'paused', 'succeeded', 'failed', 'cancelled']))
    .option('-l, --label <key=value>', 'only with this label; repeatable, all of them must fit', collect)
    .option('--all', 'with the child runs that do steps of others')
    .option('--below <run>', 'only the child runs below this one')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 100_000), 20);
  examples(
    act(command, runs),
    'tutti runs',
    'tutti runs --label customer=acme',
    'tutti runs --below 0198…',
    'tutti runs --workflow order-review --status failed --limit 100',
  );
};

const runs: Action<RunsOptions> = async (cli, _args, { workflow, status, label, all, below, limit }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const labels = [...keyValues('--label', label ?? [])].map(([key, value]) => `${key}=${value}`);
  const filter = {
    ...(workflow === undefined ? {} : { workflow }),
    ...(status === undefined ? {} : { status }),
    ...(labels.length === 0 ? {} : { label: labels }),
    ...(all === true ? { children: 'true' as const } : {}),
    ...(below === undefined ? {} : { root: below }),
  };
  const answer = await api.listRuns(filter, limit);
  const now = cli.now();
  cli.result(answer.raw, () =>
    cli.table(
      answer.value,
      [
        { title: 'RUN', value: (run) => run.id },
        {
          title: 'WORKFLOW',
          value: (run) => `${run.workflow} v${run.workflowVersion}${run.block === '' ? '' : ` ${run.block}`}`,
          flexible: true,
        },
        { title: 'STATUS', value: (run) => run.status, paint: (run) => RUN_PAINT[run.status] },
        { title: 'STARTED', value: (run) => agoText(run.startedAt, now) },
        { title: 'TOOK', value: (run) => tookText(run, now), align: 'right' },
        { title: 'BY', value: (run) => run.startedBy, flexible: true },
        {
          title: 'LABELS',
          value: (run) =>
            Object.entries(run.labels)
              .map(([key, value]) => `${key}=${value}`)
              .join(' '),
          flexible: true,
          wideOnly: true,
        },
        { title: 'ERROR', value: (run) => run.error?.message ?? '', flexible: true, wideOnly: true },
      ],
      'no runs',
    ),
  );
  return EXIT.ok;
};

export function tookText({ startedAt, endedAt }: Pick<RunView, 'startedAt' | 'endedAt'>, nowMs: number): string {
  if (startedAt === undefined) return '';
  return durationText((endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt));
}
