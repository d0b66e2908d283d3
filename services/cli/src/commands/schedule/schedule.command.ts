import { collect, defineCommand, reasonFlag, type Argument, type Args, type CommandDefinition } from '../../command.js';
import type { Column } from '../../terminal/table.js';
import { listFlags, showList, type ListOptions } from '../listing.js';
import { OVERLAP_POLICIES, type ScheduleView } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { usageFailure } from '../../failure/failure.js';
import { readRunInputs } from '../../input/run-inputs.js';
import { readableText } from '../../output/output-format.js';
import { sanitizeLines, sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

interface SchedulesOptions extends ListOptions {
  readonly workflow?: string;
}

interface CreateOptions {
  readonly workflow: string;
  readonly cron?: string;
  readonly every?: string;
  readonly offset?: string;
  readonly timezone?: string;
  readonly overlap?: string;
  readonly catchUp?: string;
  readonly jitter?: string;
  readonly input?: readonly string[];
  readonly inputsFile?: string;
}

const EXAMPLE = 'nightly-report';
const scheduleArgument: Argument = { name: '<name>', summary: 'name of the schedule', values: 'schedule' };

export const listSchedulesCommand = defineCommand<SchedulesOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list what starts runs when it is time, by name',
  flags: [{ flags: '--workflow <name>', summary: 'only of this workflow', values: 'workflow' }, ...listFlags(100)],
  names: 'the names of the schedules',
  examples: ['tutti schedule list', 'tutti schedule list --workflow report'],
  act: listSchedules,
});

export const getScheduleCommand = defineCommand({
  name: 'get',
  aliases: ['show', 'describe'],
  summary: 'show one with its next times and newest runs',
  args: [scheduleArgument],
  names: 'its name',
  examples: [`tutti schedule get ${EXAMPLE}`],
  act: show,
});

export const createScheduleCommand = defineCommand<CreateOptions>({
  name: 'create',
  summary: 'make one',
  args: [{ name: '<name>', summary: 'name of the schedule' }],
  flags: [
    { flags: '--workflow <name>', summary: 'what it starts', required: true, values: 'workflow' },
    { flags: '--cron <expression>', summary: 'minute hour day month weekday' },
    { flags: '--every <duration>', summary: 'in place of --cron, like 15m' },
    { flags: '--offset <duration>', summary: 'moves the times of --every' },
    { flags: '--timezone <name>', summary: 'that --cron is read in, like Europe/Berlin; default: UTC' },
    { flags: '--overlap <policy>', summary: 'what happens when the run before still goes on; default: skip', choices: OVERLAP_POLICIES },
    { flags: '--catch-up <duration>', summary: 'how far back times are made up for after down-time; default: 1h' },
    { flags: '--jitter <duration>', summary: 'each start is late by up to this' },
    { flags: '-i, --input <key=value>', summary: 'an input of its runs, as for tutti run start', parse: collect },
    { flags: '--inputs-file <file>', summary: 'JSON or YAML file with the inputs', values: 'file' },
  ],
  names: 'its name',
  examples: [
    `tutti schedule create ${EXAMPLE} --workflow report --cron "0 3 * * *" --timezone Europe/Berlin`,
    "tutti schedule create poll --workflow poll --every 15m --overlap buffer-one -i 'at=${{ schedule.scheduledTime }}'",
  ],
  act: make,
});

export const pauseScheduleCommand = changeCommand('pause', 'start nothing more; open runs go on');
export const resumeScheduleCommand = changeCommand('resume', 'go on with the times after now');
export const deleteScheduleCommand = changeCommand('delete', 'start nothing any more; open runs go on');

export const triggerScheduleCommand = defineCommand({
  name: 'trigger',
  summary: 'start a run at once, whatever is open',
  args: [scheduleArgument],
  names: 'the id of the run',
  examples: [`tutti schedule trigger ${EXAMPLE}`],
  act: trigger,
});

export const backfillScheduleCommand = defineCommand<{ readonly from: string; readonly to: string }>({
  name: 'backfill',
  summary: 'start the runs of times that have passed',
  args: [scheduleArgument],
  flags: [
    { flags: '--from <time>', summary: 'first time, like 2026-01-31T00:00:00Z', required: true },
    { flags: '--to <time>', summary: 'last time', required: true },
  ],
  names: 'the id of the backfill',
  examples: [`tutti schedule backfill ${EXAMPLE} --from 2026-01-01T00:00:00Z --to 2026-01-07T00:00:00Z`],
  act: makeUp,
});

function changeCommand(what: 'pause' | 'resume' | 'delete', summary: string): CommandDefinition {
  return defineCommand<{ readonly reason?: string }>({
    name: what,
    summary,
    args: [scheduleArgument],
    flags: [reasonFlag],
    names: 'its name',
    examples: [`tutti schedule ${what} ${EXAMPLE}`],
    async act(cli, [name = ''], { reason }) {
      const { api } = await cli.connect();
      const answer = await api.changeSchedule(name, what, reason);
      cli.result(answer.raw, () => cli.line(`${what === 'pause' ? 'paused' : `${what}d`} ${name}`), [name]);
      return EXIT.ok;
    },
  });
}

async function listSchedules(cli: Cli, _args: Args, options: SchedulesOptions): Promise<ExitCode> {
  const { api } = await cli.connect();
  return showList(cli, options, {
    read: (limit) => api.listSchedules(options.workflow, limit),
    name: ({ name }) => name,
    columns: scheduleColumns,
    none: 'no schedules',
  });
}

function scheduleColumns(nowMs: number): readonly Column<ScheduleView>[] {
  return [
    { title: 'NAME', value: ({ name }) => name, flexible: true },
    { title: 'WORKFLOW', value: (one) => one.workflow, flexible: true },
    { title: 'TIMES', value: timesText, flexible: true },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'NEXT', value: ({ nextTimes }) => nextTimes[0] ?? '-' },
    { title: 'LAST', value: ({ recentRuns }) => agoText(recentRuns[0]?.scheduledTime, nowMs) },
    { title: 'OVERLAP', value: ({ overlap }) => overlap, wideOnly: true },
    { title: 'DEFINED IN', value: ({ ownedBy }) => (ownedBy === '' ? '-' : ownedBy), flexible: true, wideOnly: true },
  ];
}

async function show(cli: Cli, [name = '']: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.getSchedule(name);
  cli.result(answer.raw, () => printSchedule(cli, answer.value.schedule), [name]);
  return EXIT.ok;
}

async function make(cli: Cli, [name = '']: Args, options: CreateOptions): Promise<ExitCode> {
  const { workflow, cron, every, offset, timezone, overlap, catchUp, jitter, input = [], inputsFile } = options;
  if ((cron === undefined) === (every === undefined))
    throw usageFailure('expected either --cron or --every', 'tutti schedule create --help shows examples');
  const inputs = await readRunInputs({ pairs: input, file: inputsFile, cwd: cli.environment.cwd });
  const given = { cron, every, offset, timezone, overlap, catchUp, jitter };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { api } = await cli.connect();
  const answer = await api.createSchedule({ name, workflow, ...said, ...(Object.keys(inputs).length === 0 ? {} : { with: inputs }) });
  const { schedule, created } = answer.value;
  cli.result(
    answer.raw,
    () => cli.line(`${created ? 'created' : 'there is already'} ${name}; next at ${schedule.nextTimes[0] ?? 'no time'}`),
    [name],
  );
  return EXIT.ok;
}

async function trigger(cli: Cli, [name = '']: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.triggerSchedule(name, cli.environment.runtime.ids.next());
  cli.result(answer.raw, () => cli.line(`started run ${answer.value.runId}; follow it with: tutti watch ${answer.value.runId}`), [
    answer.value.runId,
  ]);
  return EXIT.ok;
}

async function makeUp(cli: Cli, [name = '']: Args, { from, to }: { readonly from: string; readonly to: string }): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.backfillSchedule(name, { from, to }, cli.environment.runtime.ids.next());
  const { count } = answer.value;
  cli.result(
    answer.raw,
    () => cli.line(`${count} ${count === 1 ? 'run' : 'runs'} will be started; see them with: tutti schedule get ${name}`),
    [answer.value.backfillId],
  );
  return EXIT.ok;
}

function printSchedule(cli: Cli, schedule: ScheduleView): void {
  const { style } = cli;
  const now = cli.now();
  cli.line(`${style.bold(sanitizeText(schedule.name))}  ${style.dim(sanitizeText(schedule.status))}`);
  cli.line(
    style.dim(
      sanitizeText(`starts ${schedule.workflow}, ${timesText(schedule)}, overlap ${schedule.overlap}, catches up ${schedule.catchUp}`),
    ),
  );
  if (schedule.ownedBy !== '') cli.line(style.dim(sanitizeText(`stands in the definition of ${schedule.ownedBy}, and is changed there`)));
  if (schedule.openBackfills > 0) cli.line(style.dim(`backfills under way: ${schedule.openBackfills}`));
  if (schedule.bufferedTime !== undefined) cli.line(style.dim(sanitizeText(`${schedule.bufferedTime} waits for the end of a run`)));
  cli.line();
  cli.table(schedule.nextTimes, [{ title: 'NEXT', value: (time) => time }], 'no times to come');
  cli.line();
  cli.table(
    schedule.recentRuns,
    [
      { title: 'RUN', value: ({ runId }) => runId },
      { title: 'FOR', value: ({ scheduledTime }) => scheduledTime ?? '-' },
      { title: 'SINCE', value: ({ scheduledTime }) => agoText(scheduledTime, now) },
      { title: 'KIND', value: ({ kind }) => kind },
    ],
    'no runs yet',
  );
  if (Object.keys(schedule.with).length === 0) return;
  cli.line();
  for (const line of sanitizeLines(readableText(schedule.with))) cli.line(line);
}

function timesText({ cron, every, offset, timezone }: ScheduleView): string {
  if ((cron ?? '') !== '') return `${cron} ${timezone ?? ''}`.trimEnd();
  return `every ${every ?? ''}${(offset ?? '') === '' ? '' : ` + ${offset}`}`;
}
