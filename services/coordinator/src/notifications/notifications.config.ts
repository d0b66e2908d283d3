import { mailAddress, notificationChannelName, notifyOn } from '@tutti/contracts';
import { z } from 'zod';

const MAX_TIMEOUT_MS = 120_000;

/** Set in files; the environment gives texts. */
const flag = z.union([z.boolean(), z.stringbool()]);
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable');
/** What the program sets itself. */
const OWN_HEADERS = /^(?:webhook-.*|host|content-length|transfer-encoding|connection)$/i;
const headerValue = z.string().regex(/^[\t\x20-\x7e]{0,2000}$/, 'expected printable ASCII characters');

const headers = z.record(z.string(), headerValue).superRefine((given, context) => {
  for (const name of Object.keys(given))
    if (!/^[A-Za-z0-9-]{1,100}$/.test(name) || OWN_HEADERS.test(name))
      context.addIssue({ code: 'custom', path: [name], message: 'expected the name of a header that may be set' });
});

const webhookChannel = z
  .strictObject({
    name: notificationChannelName,
    kind: z.literal('webhook'),
    url: z.url({ protocol: /^https?$/ }).optional(),
    /** Variable that holds the address, for those that are secrets themselves. */
    urlEnv: variable.optional(),
    /** Variable that holds one or more `whsec_…`, with spaces between: every one signs. */
    secretEnv: variable,
    headers: headers.default({}),
    /** Whether the address may be this machine or inside the own network, and then without TLS. */
    allowPrivateAddresses: flag.default(false),
  })
  .refine(({ url, urlEnv }) => (url === undefined) !== (urlEnv === undefined), { error: 'expected either url or urlEnv', path: ['url'] });

const smtpChannel = z
  .strictObject({
    name: notificationChannelName,
    kind: z.literal('smtp'),
    host: z.string().min(1).max(255),
    port: z.coerce.number().int().min(1).max(65_535).default(587),
    /** TLS from the first byte, as on port 465. */
    secure: flag.default(false),
    /** Without `secure`: whether nothing is sent before STARTTLS. */
    requireTls: flag.default(true),
    userEnv: variable.optional(),
    passwordEnv: variable.optional(),
    from: mailAddress,
  })
  .refine(({ userEnv, passwordEnv }) => (userEnv === undefined) === (passwordEnv === undefined), {
    error: 'expected both userEnv and passwordEnv, or neither',
    path: ['userEnv'],
  })
  .refine(({ userEnv, secure, requireTls, host }) => userEnv === undefined || secure || requireTls || LOOPBACK.has(host), {
    error: 'a password is sent under TLS only: set secure or requireTls',
    path: ['requireTls'],
  });

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

const channel = z.discriminatedUnion('kind', [webhookChannel, smtpChannel]);

const rule = z.strictObject({
  on: z.array(notifyOn).min(1),
  /** `*` stands for any characters. Default: every workflow. */
  workflow: z.string().min(1).max(200).optional(),
  /** All of them, as the run has them. */
  labels: z.record(z.string(), z.string()).optional(),
  channel: notificationChannelName,
  to: z.array(mailAddress).max(50).default([]),
});

export const notificationsConfig = z
  .strictObject({
    channels: z.array(channel).max(100).default([]),
    rules: z.array(rule).max(1_000).default([]),
    /** Where people look at runs: links are `{publicUrl}/runs/{id}` and `{publicUrl}/approvals/{id}`. */
    publicUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** Longest time for one delivery. */
    timeoutMs: z.coerce.number().int().min(100).max(MAX_TIMEOUT_MS).default(15_000),
    /** Deliveries of one channel at once. */
    concurrency: z.coerce.number().int().min(1).max(100).default(4),
    /** Notifications of one channel that wait; more are recorded as undeliverable at once. */
    maxPending: z.coerce.number().int().min(1).max(100_000).default(1_000),
    /** How often one is tried, the first time included. */
    maxAttempts: z.coerce.number().int().min(1).max(50).default(9),
    /** Wait after the first failure; each is four times the one before, up to six hours. */
    retryMs: z.coerce.number().int().min(1).max(3_600_000).default(5_000),
  })
  .superRefine(({ channels, rules }, context) => {
    const byName = new Map(channels.map((one) => [one.name, one]));
    channels.forEach(({ name }, index) => {
      if (byName.get(name) !== channels[index])
        context.addIssue({ code: 'custom', path: ['channels', index, 'name'], message: `"${name}" is named twice` });
    });
    rules.forEach((one, index) => {
      const named = byName.get(one.channel);
      if (named === undefined) {
        const message = `there is no channel "${one.channel}"; channels are: ${[...byName.keys()].join(', ') || 'none'}`;
        context.addIssue({ code: 'custom', path: ['rules', index, 'channel'], message });
      }
      if (named?.kind === 'smtp' && one.to.length === 0)
        context.addIssue({ code: 'custom', path: ['rules', index, 'to'], message: 'expected mail addresses, as the channel sends mail' });
    });
  });

export type NotificationsConfig = z.infer<typeof notificationsConfig>;
export type NotificationRule = NotificationsConfig['rules'][number];
export type WebhookChannelConfig = z.infer<typeof webhookChannel>;
export type SmtpChannelConfig = z.infer<typeof smtpChannel>;
