import type { Command } from 'commander';
import type { ScheduleView } from '../api/schedule-api.js';
import type { Cli } from '../cli.js';
import { collect, examples, wholeNumber, type Act, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { usageFailure } from '../failure/failure.js';
import { readRunInputs } from '../input/run-inputs.js';
import { readableText } from '../output/output-format.js';
import { sanitizeLines, sanitizeText } from '../terminal/text-width.js';
import { agoText } from '../terminal/time-text.js';

interface ReasonOption {
  readonly reason?: string;
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

export const registerSchedule: RegisterCommand = (program, act) => {
  const schedule = program
    .command('schedule')
    .description('what starts runs when it is time: look at it, make it, hold it, make up for times');
  examples(schedule, 'tutti schedule list', `tutti schedule show ${EXAMPLE}`, `tutti schedule pause ${EXAMPLE}`);
  const list = schedule
    .command('list', { isDefault: true })
    .description('list them by name')
    .option('--workflow <name>', 'only of this workflow')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 100_000), 100);
  examples(act(list, listSchedules), 'tutti schedule', 'tutti schedule list --workflow report');
  examples(act(named(schedule, 'show', 'show one with its next times and newest runs'), show), `tutti schedule show ${EXAMPLE}`);
  registerCreate(schedule, act);
  for (const [what, description] of [
    ['pause', 'start nothing more; open runs go on'],
    ['resume', 'go on with the times after now'],
    ['delete', 'start nothing any more; open runs go on'],
  ] as const) {
    const command = named(schedule, what, description).option('--reason <text>', 'recorded with it');
    examples(act(command, change(what)), `tutti schedule ${what} ${EXAMPLE}`);
  }
  examples(act(named(schedule, 'trigger', 'start a run at once, whatever is open'), trigger), `tutti schedule trigger ${EXAMPLE}`);
  const backfill = named(schedule, 'backfill', 'start the runs of times that have passed')
    .requiredOption('--from <time>', 'first time, like 2026-01-31T00:00:00Z')
    .requiredOption('--to <time>', 'last time');
  examples(act(backfill, makeUp), `tutti schedule backfill ${EXAMPLE} --from 2026-01-01T00:00:00Z --to 2026-01-07T00:00:00Z`);
};

function named(schedule: Command, what: string, description: string): Command {
  return schedule.command(what).description(description).argument('<name>', 'name of the schedule');
}

function registerCreate(schedule: Command, act: Act): void {
  const create = named(schedule, 'create', 'make one')
    .requiredOption('--workflow <name>', 'what it starts')
    .option('--cron <expression>', 'minute hour day month weekday')
    .option('--every <duration>', 'in place of --cron, like 15m')
    .option('--offset <duration>', 'moves the times of --every')
    .option('--timezone <name>', 'that --cron is read in, like Europe/Berlin; default: UTC')
    .option('--overlap <policy>', 'skip, buffer-one, allow or cancel-running; default: skip')
    .option('--catch-up <duration>', 'how far back times are made up for after down-time; default: 1h')
    .option('--jitter <duration>', 'each start is late by up to this')
    .option('-i, --input <key=value>', 'an input of its runs, as for tutti run', collect)
    .option('--inputs-file <file>', 'JSON or YAML file with the inputs');
  examples(
    act(create, make),
    `tutti schedule create ${EXAMPLE} --workflow report --cron "0 3 * * *" --timezone Europe/Berlin`,
    "tutti schedule create poll --workflow poll --every 15m --overlap buffer-one -i 'at=${{ schedule.scheduledTime }}'",
  );
}

const listSchedules: Action<{ readonly workflow?: string; readonly limit: number }> = async (
  cli,
  _args,
  { workflow, limit },
): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.listSchedules(workflow, limit);
  const now = cli.now();
  cli.result(answer.raw, () =>
    cli.table(
      answer.value,
      [
        { title: 'NAME', value: ({ name }) => name, flexible: true },
        { title: 'WORKFLOW', value: (one) => one.workflow, flexible: true },
        { title: 'TIMES', value: timesText, flexible: true },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'NEXT', value: ({ nextTimes }) => nextTimes[0] ?? '-' },
        { title: 'LAST', value: ({ recentRuns }) => agoText(recentRuns[0]?.scheduledTime, now) },
        { title: 'OVERLAP', value: ({ overlap }) => overlap, wideOnly: true },
        { title: 'DEFINED IN', value: ({ ownedBy }) => (ownedBy === '' ? '-' : ownedBy), flexible: true, wideOnly: true },
      ],
      'no schedules',
    ),
  );
  return EXIT.ok;
};

const show: Action<object> = async (cli, [name = '']): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.getSchedule(name);
  cli.result(answer.raw, () => printSchedule(cli, answer.value.schedule));
  return EXIT.ok;
};

const make: Action<CreateOptions> = async (cli, [name = ''], options): Promise<ExitCode> => {
  const { workflow, cron, every, offset, timezone, overlap, catchUp, jitter, input = [], inputsFile } = options;
  if ((cron === undefined) === (every === undefined))
    throw usageFailure('expected either --cron or --every', 'tutti schedule create --help shows examples');
  const inputs = await readRunInputs({ pairs: input, file: inputsFile, cwd: cli.environment.cwd });
  const given = { cron, every, offset, timezone, overlap, catchUp, jitter };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { api } = await cli.connect();
  const answer = await api.createSchedule({ name, workflow, ...said, ...(Object.keys(inputs).length === 0 ? {} : { with: inputs }) });
  const { schedule, created } = answer.value;
  cli.result(answer.raw, () =>
    cli.line(`${created ? 'created' : 'there is already'} ${name}; next at ${schedule.nextTimes[0] ?? 'no time'}`),
  );
  return EXIT.ok;
};

function change(what: 'pause' | 'resume' | 'delete'): Action<ReasonOption> {
  return async (cli, [name = ''], { reason }): Promise<ExitCode> => {
    const { api } = await cli.connect();
    const answer = what === 'delete' ? await api.deleteSchedule(name, reason) : await api.changeSchedule(name, what, reason);
    cli.result(answer.raw, () => cli.line(`${what === 'pause' ? 'paused' : `${what}d`} ${name}`));
    return EXIT.ok;
  };
}

const trigger: Action<object> = async (cli, [name = '']): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.triggerSchedule(name, cli.environment.runtime.ids.next());
  cli.result(answer.raw, () => cli.line(`started run ${answer.value.runId}; follow it with: tutti watch ${answer.value.runId}`));
  return EXIT.ok;
};

const makeUp: Action<{ readonly from: string; readonly to: string }> = async (cli, [name = ''], { from, to }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.backfillSchedule(name, { from, to }, cli.environment.runtime.ids.next());
  const { count } = answer.value;
  cli.result(answer.raw, () =>
    cli.line(`${count} ${count === 1 ? 'run' : 'runs'} will be started; see them with: tutti schedule show ${name}`),
  );
  return EXIT.ok;
};

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
  if (cron !== '') return `${cron} ${timezone}`;
  return `every ${every}${offset === '' ? '' : ` + ${offset}`}`;
}
