import { collect, defineCommand, type Args } from '../../command.js';
import type { Column } from '../../terminal/table.js';
import { listFlags, showList, type ListOptions } from '../listing.js';
import type { NotificationView } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

interface NotificationsOptions extends ListOptions {
  readonly status?: string;
  readonly channel?: string;
  readonly run?: string;
}

interface TestOptions {
  readonly to?: readonly string[];
}

export const listNotificationsCommand = defineCommand<NotificationsOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list those that are undeliverable, then the newest of all; with --status or --watch one list',
  flags: [
    { flags: '--status <status>', summary: 'only those', choices: ['pending', 'sent', 'undeliverable'] },
    { flags: '--channel <channel>', summary: 'only of this channel' },
    { flags: '--run <run>', summary: 'only about this run', values: 'run' },
    ...listFlags(20),
  ],
  names: 'their ids',
  examples: ['tutti notification list', 'tutti notification list --status undeliverable', 'tutti notification list --channel on-call'],
  act: listNotifications,
});

export const testChannelCommand = defineCommand<TestOptions>({
  name: 'test',
  summary: 'send a test through a channel and say how it went; ends with 1 when it was not delivered',
  args: [{ name: '<channel>', summary: 'its name in the configuration' }],
  flags: [{ flags: '--to <address>', summary: 'a mail address; may be given several times (default: those of the rules)', parse: collect }],
  names: 'the id of the delivery',
  examples: ['tutti notification test on-call', 'tutti notification test mail --to ann@example.com'],
  act: testChannel,
});

async function listNotifications(cli: Cli, _args: Args, options: NotificationsOptions): Promise<ExitCode> {
  const { status, channel, run, watch } = options;
  const { api } = await cli.connect();
  const query = { ...(channel === undefined ? {} : { channel }), ...(run === undefined ? {} : { runId: run }) };
  if (status !== undefined || watch === true)
    return showList(cli, options, {
      read: (limit) => api.listNotifications({ ...query, ...(status === undefined ? {} : { status }) }, limit),
      name: ({ id }) => id,
      columns: notificationColumns,
      none: `no ${status ?? ''} notifications`.replace('  ', ' '),
    });
  const limit = options.all === true ? undefined : options.limit;
  const undeliverable = await api.listNotifications({ ...query, status: 'undeliverable' }, limit);
  const recent = await api.listNotifications(query, limit);
  const human = (): void => {
    if (undeliverable.value.length > 0) {
      cli.line(cli.style.bold('Undeliverable'));
      cli.table(undeliverable.value, notificationColumns(cli.now()), '');
      cli.line();
      cli.line(cli.style.bold('Newest'));
    }
    cli.table(recent.value, notificationColumns(cli.now()), 'no notifications');
  };
  const raw = { undeliverable: members(undeliverable.raw), recent: members(recent.raw) };
  const items = [...raw.undeliverable, ...raw.recent];
  cli.list({ raw, items, rows: [...undeliverable.value, ...recent.value], name: ({ id }) => id, human });
  return EXIT.ok;
}

async function testChannel(cli: Cli, [channel = '']: Args, { to = [] }: TestOptions): Promise<ExitCode> {
  const { api } = await cli.connect();
  const { raw, value } = await api.testChannel(channel, to);
  const { delivered, answer, errorCode, errorMessage } = value;
  const human = (): void => {
    if (delivered) cli.line(`delivered through ${channel}: ${sanitizeText(answer)}`);
    else cli.line(`not delivered through ${channel}: ${sanitizeText(errorMessage)} (${sanitizeText(errorCode)})`);
  };
  cli.result(raw, human, [value.id]);
  return delivered ? EXIT.ok : EXIT.failed;
}

function notificationColumns(nowMs: number): readonly Column<NotificationView>[] {
  return [
    { title: 'WHEN', value: ({ requestedAt }) => agoText(requestedAt, nowMs) },
    { title: 'CHANNEL', value: ({ channel }) => channel },
    { title: 'ON', value: ({ on }) => on },
    { title: 'STATUS', value: ({ status }) => status },
    { title: 'TITLE', value: ({ title }) => title, flexible: true },
    { title: 'TRIES', value: ({ attempts }) => String(attempts), align: 'right' },
    { title: 'ERROR', value: ({ errorMessage }) => errorMessage, flexible: true },
    { title: 'RUN', value: ({ runId }) => runId, flexible: true, wideOnly: true },
    { title: 'TO', value: ({ to }) => to.join(', '), flexible: true, wideOnly: true },
    { title: 'ID', value: ({ id }) => id, wideOnly: true },
  ];
}

/** The list of an answer, as it came. */
function members(raw: unknown): readonly unknown[] {
  return (raw as { readonly notifications?: readonly unknown[] }).notifications ?? [];
}
