import { TuttiError, type Runtime } from '@tutti/kernel';
import type { NotificationChannel } from './notification-channel.port.js';
import type { NotificationsConfig, SmtpChannelConfig, WebhookChannelConfig } from './notifications.config.js';
import { SmtpChannel } from './smtp/smtp-channel.js';
import { parseSecrets } from './webhook/signature.js';
import { WebhookChannel } from './webhook/webhook-channel.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The channels of the configuration, with the secrets that it names.
 *
 * @throws TuttiError INVALID_CONFIG with every problem at once: a variable that is missing, or holds something else
 */
export function createChannels(
  config: Pick<NotificationsConfig, 'channels' | 'publicUrl' | 'timeoutMs'>,
  environment: Environment,
  runtime: Pick<Runtime, 'clock' | 'timers'>,
): readonly NotificationChannel[] {
  const problems: string[] = [];
  const made = config.channels.map((channel): NotificationChannel => {
    const secrets = new Secrets(channel.name, environment, problems);
    return channel.kind === 'webhook' ? webhook(channel, secrets) : smtp(channel, secrets);
  });
  if (problems.length === 0) return made;
  throw new TuttiError('INVALID_CONFIG', `notification channels are not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`, {
    details: { problems },
  });

  function webhook(
    { name, url, urlEnv, secretEnv, headers, allowPrivateAddresses }: WebhookChannelConfig,
    secrets: Secrets,
  ): WebhookChannel {
    const address =
      URL.parse(url ?? secrets.read(urlEnv ?? '')) ?? secrets.refuse(urlEnv ?? 'url', 'an address like https://example.com/hook');
    if (address.protocol !== 'https:' && !(address.protocol === 'http:' && allowPrivateAddresses))
      secrets.refuse(urlEnv ?? 'url', 'an address with https://; http:// only together with allowPrivateAddresses');
    const keys = parseSecrets(secrets.read(secretEnv)) ?? secrets.refuse(secretEnv, 'whsec_ and 24 to 64 bytes in base64', []);
    const source = config.publicUrl ?? 'tutti';
    return new WebhookChannel({ name, url: address, keys, headers, allowPrivateAddresses, timeoutMs: config.timeoutMs, source, runtime });
  }

  function smtp({ name, host, port, secure, requireTls, userEnv, passwordEnv, from }: SmtpChannelConfig, secrets: Secrets): SmtpChannel {
    const auth =
      userEnv === undefined || passwordEnv === undefined ? null : { user: secrets.read(userEnv), pass: secrets.read(passwordEnv) };
    return new SmtpChannel({
      name,
      host,
      port,
      secure,
      requireTls: requireTls && !secure,
      auth,
      from,
      timeoutMs: config.timeoutMs,
      runtime,
    });
  }
}

const NOWHERE = new URL('https://invalid.invalid');

/** Secrets of one channel. Problems never show what a variable holds. */
class Secrets {
  constructor(
    private readonly channel: string,
    private readonly environment: Environment,
    private readonly problems: string[],
  ) {}

  /** Empty where it is not set. */
  read(variable: string): string {
    const value = this.environment[variable] ?? '';
    if (value === '') this.problems.push(`channel "${this.channel}": the variable ${variable} is not set`);
    return value;
  }

  refuse(where: string, expected: string): URL;
  refuse<Instead>(where: string, expected: string, instead: Instead): Instead;
  refuse(where: string, expected: string, instead: unknown = NOWHERE): unknown {
    // One that is not set has been named already.
    if (where === 'url' || (this.environment[where] ?? '') !== '')
      this.problems.push(`channel "${this.channel}": expected ${where} to hold ${expected}`);
    return instead;
  }
}
