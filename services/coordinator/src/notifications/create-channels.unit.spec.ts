import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import type { z } from 'zod';
import { createChannels } from './create-channels.js';
import { notificationsConfig } from './notifications.config.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const HOOKS = { name: 'hooks', kind: 'webhook', url: 'https://example.com/hook', secretEnv: 'HOOK_SECRET' };
const MAIL = {
  name: 'mail',
  kind: 'smtp',
  host: 'mail.example.com',
  userEnv: 'MAIL_USER',
  passwordEnv: 'MAIL_PASSWORD',
  from: 'tutti@example.com',
};
const ENVIRONMENT = { HOOK_SECRET: SECRET, MAIL_USER: 'tutti', MAIL_PASSWORD: 'hunter2' };

function parse(config: object): z.ZodSafeParseResult<z.infer<typeof notificationsConfig>> {
  return notificationsConfig.safeParse(config);
}

function create(channels: readonly object[], environment: Readonly<Record<string, string>> = ENVIRONMENT) {
  return createChannels(notificationsConfig.parse({ channels }), environment, createManualRuntime());
}

describe('the configuration of notifications', () => {
  it('is empty by default', () => {
    expect(parse({}).data).toMatchObject({ channels: [], rules: [], maxAttempts: 9 });
  });

  it.each<[string, object, string]>([
    ['two channels of one name', { channels: [HOOKS, HOOKS] }, '"hooks" is named twice'],
    [
      'a rule for a channel that is not there',
      { channels: [HOOKS], rules: [{ on: ['run.failed'], channel: 'mail' }] },
      'channels are: hooks',
    ],
    ['a mail rule without addresses', { channels: [MAIL], rules: [{ on: ['run.failed'], channel: 'mail' }] }, 'expected mail addresses'],
    ['an unknown word', { channels: [HOOKS], rules: [{ on: ['run.exploded'], channel: 'hooks' }] }, 'expected one of approval.requested'],
    ['an address given twice', { channels: [{ ...HOOKS, urlEnv: 'HOOK_URL' }] }, 'expected either url or urlEnv'],
    [
      'a header that signs',
      { channels: [{ ...HOOKS, headers: { 'Webhook-Signature': 'x' } }] },
      'expected the name of a header that may be set',
    ],
    ['a header with a second line', { channels: [{ ...HOOKS, headers: { 'x-a': 'b\r\nx-c: d' } }] }, 'expected printable ASCII'],
    ['another scheme', { channels: [{ ...HOOKS, url: 'file:///etc/passwd' }] }, 'URL'],
    ['a user without a password', { channels: [{ ...MAIL, passwordEnv: undefined }] }, 'expected both userEnv and passwordEnv'],
    ['a password without TLS', { channels: [{ ...MAIL, requireTls: false }] }, 'a password is sent under TLS only'],
  ])('refuses %s', (_, config, message) => {
    expect(
      parse(config)
        .error?.issues.map((issue) => issue.message)
        .join(),
    ).toContain(message);
  });
});

describe('the channels of a configuration', () => {
  it('are made with the secrets that it names', () => {
    expect(create([HOOKS, MAIL]).map(({ name, needsAddresses }) => [name, needsAddresses])).toEqual([
      ['hooks', false],
      ['mail', true],
    ]);
  });

  it('are refused with every problem at once, and without what the variables hold', () => {
    const channels = [{ ...HOOKS, url: 'http://example.com/hook' }, { ...HOOKS, name: 'others', url: undefined, urlEnv: 'HOOK_URL' }, MAIL];
    let message = '';
    try {
      create(channels, { HOOK_SECRET: 'whsec_c2hvcnQ=', HOOK_URL: 'not an address', MAIL_USER: 'tutti' });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split('\n')).toEqual([
      'notification channels are not valid:',
      '  channel "hooks": expected url to hold an address with https://; http:// only together with allowPrivateAddresses',
      '  channel "hooks": expected HOOK_SECRET to hold whsec_ and 24 to 64 bytes in base64',
      '  channel "others": expected HOOK_URL to hold an address like https://example.com/hook',
      '  channel "others": expected HOOK_SECRET to hold whsec_ and 24 to 64 bytes in base64',
      '  channel "mail": the variable MAIL_PASSWORD is not set',
    ]);
  });

  it('may be without TLS inside the own network', () => {
    expect(create([{ ...HOOKS, url: 'http://10.0.0.1/hook', allowPrivateAddresses: true }])).toHaveLength(1);
  });
});
