import type { FeedEvent } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { collect, defineCommand, wholeNumber, type Argument, type Args, type Flag } from '../../command.js';
import { allEvents, runEvents, type EventFilter } from '../../events/read-events.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { isFailure } from '../../failure/failure.js';
import { eventText, eventTime } from '../../run-view/event-line.js';
import { padText, sanitizeText, truncateText } from '../../terminal/text-width.js';

const runArgument: Argument = { name: '[run]', summary: 'id of a run; all of the system without it', values: 'run' };
const filterFlags: readonly Flag[] = [
  { flags: '--after <position>', summary: 'only what stands behind this position', parse: wholeNumber(0, Number.MAX_SAFE_INTEGER) },
  { flags: '--type <type>', summary: 'only events of this type; repeatable', parse: collect },
  { flags: '--category <category>', summary: 'only of streams of this category, like run or agent; repeatable', parse: collect },
  { flags: '--limit <n>', summary: 'at most so many', parse: wholeNumber(1, Number.MAX_SAFE_INTEGER) },
];

export const listEventsCommand = defineCommand<EventFilter>({
  name: 'list',
  aliases: ['ls'],
  summary: 'print recorded events, of one run or of all, in their order',
  args: [runArgument],
  flags: [{ flags: '-f, --follow', summary: 'go on with what comes, as tutti event tail' }, ...filterFlags],
  names: 'the ids of the events',
  examples: [
    'tutti event list 0198…',
    'tutti event list --type RunFailed --limit 20',
    'tutti event list --after 1200 -o jsonl | jq .stream',
  ],
  act: events,
});

export const tailEventsCommand = defineCommand<EventFilter>({
  name: 'tail',
  summary: 'print events as they are recorded, until Ctrl-C; goes on where it was when the connection breaks',
  args: [runArgument],
  flags: filterFlags,
  names: 'the ids of the events',
  examples: ['tutti event tail', 'tutti event tail --type RunStarted --type RunFailed', 'tutti event tail --after 1200 -o jsonl'],
  act: (cli, args, options) => events(cli, args, { ...options, follow: true }),
});

async function events(cli: Cli, [runId]: Args, options: EventFilter): Promise<ExitCode> {
  const connected = await cli.connect();
  const interrupted = new AbortController();
  const stopInterrupts = cli.environment.interrupts.onInterrupt(() => interrupted.abort());
  const source =
    runId === undefined
      ? allEvents(cli, connected, options, interrupted.signal)
      : runEvents(cli, connected, runId, options, interrupted.signal);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  try {
    for await (const event of source) {
      if (!fits(event, options)) continue;
      cli.item(event, () => printEvent(cli, event, runId === undefined), event.id);
      left -= 1;
      if (left <= 0) return EXIT.ok;
    }
  } catch (error) {
    if (!isFailure(error, 'INTERRUPTED')) throw error;
  } finally {
    stopInterrupts();
  }
  return interrupted.signal.aborted ? EXIT.interrupted : EXIT.ok;
}

function fits({ position, type, stream }: FeedEvent, { after, type: types, category }: EventFilter): boolean {
  if (position <= (after ?? -1)) return false;
  if (types !== undefined && !types.includes(type)) return false;
  return category === undefined || category.includes(stream.split('-')[0] ?? '');
}

function printEvent(cli: Cli, event: FeedEvent, withStream: boolean): void {
  const { stdout } = cli.environment;
  const text = [
    eventTime(event, cli.environment),
    padText(String(event.position), 6, 'right'),
    ...(withStream ? [sanitizeText(event.stream)] : []),
    sanitizeText(event.type),
    eventText(event),
  ].join('  ');
  cli.line(stdout.isTty && cli.options.wide !== true ? truncateText(text, stdout.columns()) : text);
}
