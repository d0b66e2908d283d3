import { collect, defineCommand, type Args } from '../../command.js';
import { RUN_STATUSES } from '@tutti/rest-contract';
import { listFlags, showList, type ListOptions } from '../listing.js';
import type { Column } from '../../terminal/table.js';

import type { Cli } from '../../cli.js';
import type { RunSummary } from '@tutti/rest-contract';
import type { ExitCode } from '../../failure/exit-codes.js';
import { keyValues } from '../../input/key-values.js';
import type { StyleName } from '../../terminal/style.js';
import { agoText, durationText } from '../../terminal/time-text.js';

interface RunsOptions extends ListOptions {
  readonly workflow?: string;
  readonly status?: string;
  readonly label?: readonly string[];
  readonly children?: boolean;
  readonly below?: string;
}

export const listRunsCommand = defineCommand<RunsOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list runs, newest first',
  flags: [
    { flags: '--workflow <name>', summary: 'only of this workflow', values: 'workflow' },
    { flags: '--status <status>', summary: 'only with this status', choices: RUN_STATUSES },
    { flags: '-l, --label <key=value>', summary: 'only with this label; repeatable, all of them must fit', parse: collect },
    { flags: '--children', summary: 'with the child runs that do steps of others' },
    { flags: '--below <run>', summary: 'only the child runs below this one', values: 'run' },
    ...listFlags(20, 'all there are, whatever the limit, child runs too'),
  ],
  names: 'the ids of the runs',
  examples: [
    'tutti run list',
    'tutti run list --label customer=acme --label tier=gold',
    'tutti run list --workflow order-review --status failed --limit 100',
    'tutti run list --status running -o name | xargs -n1 tutti run cancel',
    'tutti run list --watch',
  ],
  act: runs,
});

export const RUN_PAINT: Readonly<Record<string, StyleName>> = {
  running: 'cyan',
  paused: 'yellow',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'yellow',
};

async function runs(cli: Cli, _args: Args, options: RunsOptions): Promise<ExitCode> {
  const { workflow, status, label, children, all, below } = options;
  const labels = [...keyValues('--label', label ?? [])].map(([key, value]) => `${key}=${value}`);
  const filter = {
    ...(workflow === undefined ? {} : { workflow }),
    ...(status === undefined ? {} : { status }),
    ...(labels.length === 0 ? {} : { label: labels }),
    ...(all === true || children === true ? { children: 'true' as const } : {}),
    ...(below === undefined ? {} : { root: below }),
  };
  const { api } = await cli.connect();
  return showList(cli, options, {
    read: (limit) => api.listRuns(filter, limit),
    name: ({ id }) => id,
    columns: runColumns,
    none: 'no runs',
  });
}

function runColumns(nowMs: number): readonly Column<RunSummary>[] {
  return [
    { title: 'RUN', value: (run) => run.id },
    {
      title: 'WORKFLOW',
      value: (run) => `${run.workflow} v${run.workflowVersion}${run.block === '' ? '' : ` ${run.block}`}`,
      flexible: true,
    },
    { title: 'STATUS', value: (run) => run.status, paint: (run) => RUN_PAINT[run.status] },
    { title: 'STARTED', value: (run) => agoText(run.startedAt, nowMs) },
    { title: 'TOOK', value: (run) => tookText(run, nowMs), align: 'right' },
    { title: 'BY', value: (run) => run.startedBy, flexible: true },
    { title: 'LABELS', value: labelsText, flexible: true, wideOnly: true },
    { title: 'ERROR', value: (run) => run.error?.message ?? '', flexible: true, wideOnly: true },
  ];
}

function labelsText({ labels }: RunSummary): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

export function tookText({ startedAt, endedAt }: Pick<RunSummary, 'startedAt' | 'endedAt'>, nowMs: number): string {
  if (startedAt === undefined) return '';
  return durationText((endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt));
}
