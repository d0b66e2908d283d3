import type { NotificationView } from '../api/api-schemas.js';
import type { Cli } from '../cli.js';
import { collect, examples, wholeNumber, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { sanitizeText } from '../terminal/text-width.js';
import { agoText } from '../terminal/time-text.js';

interface ListOptions {
  readonly status?: string;
  readonly channel?: string;
  readonly run?: string;
  readonly limit: number;
}

interface TestOptions {
  readonly to?: readonly string[];
}

export const registerNotifications: RegisterCommand = (program, act) => {
  const notifications = program
    .command('notifications')
    .description('what people were told by webhook and mail, and what could not be delivered');
  examples(notifications, 'tutti notifications list', 'tutti notifications test on-call');
  const list = notifications
    .command('list', { isDefault: true })
    .description('list those that are undeliverable, then the newest of all')
    .option('--status <status>', 'only pending, sent or undeliverable ones')
    .option('--channel <channel>', 'only of this channel')
    .option('--run <run>', 'only about this run')
    .option('--limit <n>', 'at most so many of each', wholeNumber(1, 10_000), 20);
  examples(
    act(list, listNotifications),
    'tutti notifications',
    'tutti notifications list --status undeliverable',
    'tutti notifications list --channel on-call',
  );
  const test = notifications
    .command('test')
    .description('send a test through a channel and say how it went; ends with 1 when it was not delivered')
    .argument('<channel>', 'its name in the configuration')
    .option('--to <address>', 'a mail address; may be given several times (default: those of the rules)', collect);
  examples(act(test, testChannel), 'tutti notifications test on-call', 'tutti notifications test mail --to ann@example.com');
};

const listNotifications: Action<ListOptions> = async (cli, _args, { status, channel, run, limit }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const query = { ...(channel === undefined ? {} : { channel }), ...(run === undefined ? {} : { runId: run }) };
  if (status !== undefined) {
    const answer = await api.listNotifications({ ...query, status }, limit);
    cli.result(answer.raw, () => table(cli, answer.value, `no ${status} notifications`));
    return EXIT.ok;
  }
  const undeliverable = await api.listNotifications({ ...query, status: 'undeliverable' }, limit);
  const recent = await api.listNotifications(query, limit);
  const raw = { undeliverable: members(undeliverable.raw), recent: members(recent.raw) };
  cli.result(raw, () => {
    if (undeliverable.value.length > 0) {
      cli.line(cli.style.bold('Undeliverable'));
      table(cli, undeliverable.value, '');
      cli.line();
      cli.line(cli.style.bold('Newest'));
    }
    table(cli, recent.value, 'no notifications');
  });
  return EXIT.ok;
};

const testChannel: Action<TestOptions> = async (cli, [channel = ''], { to = [] }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const { raw, value } = await api.testChannel(channel, to);
  const { delivered, answer, errorCode, errorMessage } = value;
  cli.result(raw, () => {
    if (delivered) cli.line(`delivered through ${channel}: ${sanitizeText(answer)}`);
    else cli.line(`not delivered through ${channel}: ${sanitizeText(errorMessage)} (${sanitizeText(errorCode)})`);
  });
  return delivered ? EXIT.ok : EXIT.failed;
};

function table(cli: Cli, notifications: readonly NotificationView[], none: string): void {
  const now = cli.now();
  cli.table(
    notifications,
    [
      { title: 'WHEN', value: ({ requestedAt }) => agoText(requestedAt, now) },
      { title: 'CHANNEL', value: ({ channel }) => channel },
      { title: 'ON', value: ({ on }) => on },
      { title: 'STATUS', value: ({ status }) => status },
      { title: 'TITLE', value: ({ title }) => title, flexible: true },
      { title: 'TRIES', value: ({ attempts }) => String(attempts), align: 'right' },
      { title: 'ERROR', value: ({ errorMessage }) => errorMessage, flexible: true },
      { title: 'RUN', value: ({ runId }) => runId, flexible: true, wideOnly: true },
      { title: 'TO', value: ({ to }) => to.join(', '), flexible: true, wideOnly: true },
      { title: 'ID', value: ({ id }) => id, wideOnly: true },
    ],
    none,
  );
}

/** The list of an answer, as it came. */
function members(raw: unknown): unknown {
  return (raw as { readonly notifications?: unknown }).notifications ?? [];
}
