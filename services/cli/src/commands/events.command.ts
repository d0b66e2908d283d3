import { endsTheRun } from '@tutti/client/http';
import { collect, examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import type { FeedEvent } from '../api/api-schemas.js';
import type { Cli, Connected } from '../cli.js';
import { followRun } from '../api/follow-run.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { isFailure } from '../failure/failure.js';
import { eventText, eventTime } from '../run-view/event-line.js';
import { padText, sanitizeText, truncateText } from '../terminal/text-width.js';

interface EventsOptions {
  readonly follow?: boolean;
  readonly after?: number;
  readonly type?: readonly string[];
  readonly limit?: number;
}

export const registerEvents: RegisterCommand = (program, act) => {
  const command = program
    .command('events')
    .description('print recorded events, of one run or of all, in their order')
    .argument('[run]', 'id of a run')
    .option('-f, --follow', 'go on with what comes; without --after and a run, begin with what comes next')
    .option('--after <position>', 'only what stands behind this position', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--type <type>', 'only events of this type; repeatable', collect)
    .option('--limit <n>', 'at most so many', wholeNumber(1, Number.MAX_SAFE_INTEGER));
  examples(
    act(command, events),
    'tutti events 0198…',
    'tutti events --follow --type RunStarted --type RunFailed',
    'tutti events --after 1200 --json | jq .stream',
  );
};

const events: Action<EventsOptions> = async (cli, [runId], options): Promise<ExitCode> => {
  const connected = await cli.connect();
  const interrupted = new AbortController();
  const stopInterrupts = cli.environment.interrupts.onInterrupt(() => interrupted.abort());
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  try {
    for await (const event of runId === undefined
      ? allEvents(cli, connected, options, interrupted.signal)
      : runEvents(cli, connected, runId, options, interrupted.signal)) {
      if (event.position <= (options.after ?? -1)) continue;
      if (options.type !== undefined && !options.type.includes(event.type)) continue;
      cli.item(event, () => printEvent(cli, event, runId === undefined));
      left -= 1;
      if (left <= 0) return EXIT.ok;
    }
  } catch (error) {
    if (!isFailure(error, 'INTERRUPTED')) throw error;
  } finally {
    stopInterrupts();
  }
  return interrupted.signal.aborted ? EXIT.interrupted : EXIT.ok;
};

async function* runEvents(
  cli: Cli,
  { api, openFeed }: Connected,
  runId: string,
  { follow }: EventsOptions,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent> {
  if (follow === true) {
    for await (const item of followRun(api, openFeed, runId, signal)) {
      if (item.kind === 'event') yield item.event;
      else if (item.kind === 'lost' && item.attempt === 1) cli.say(`connection lost (${item.reason}); trying again`);
    }
    return;
  }
  let next: number | null = 0;
  while (next !== null && !signal.aborted) {
    const page: { readonly events: readonly FeedEvent[]; readonly nextRevision: number | null } = (await api.runEvents(runId, next, signal))
      .value;
    yield* page.events;
    if (page.events.length === 0 || page.events.some(endsTheRun)) return;
    next = page.nextRevision;
  }
}

async function* allEvents(
  cli: Cli,
  { api, openFeed }: Connected,
  { follow, after, type, limit }: EventsOptions,
  signal: AbortSignal,
): AsyncGenerator<FeedEvent> {
  if (follow === true) {
    for await (const item of openFeed({ after: after ?? 'head', ...(type === undefined ? {} : { types: type }), signal })) {
      if (item.kind === 'event') yield item.event;
      else if (item.kind === 'lost' && item.attempt === 1) cli.say(`connection lost (${item.reason}); trying again`);
    }
    return;
  }
  // Positions begin at 0, and `after` leaves its own out.
  let position = after ?? -1;
  while (!signal.aborted) {
    const { events: page, nextAfter } = (await api.events(position < 0 ? undefined : position, type === undefined ? {} : { type }, limit))
      .value;
    yield* page;
    // An empty page that names a later position was filtered, not the last one.
    if (nextAfter === null || nextAfter <= position) return;
    position = nextAfter;
  }
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
