import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOTIFIABLE_EVENTS } from '@tutti/contracts';
import { createSystemRuntime, loadConfig } from '@tutti/service-kit';
import { addresseesOf } from '../../services/coordinator/src/notifications/addressees.js';
import { channelDecider } from '../../services/coordinator/src/notifications/channel.decider.js';
import { createChannels } from '../../services/coordinator/src/notifications/create-channels.js';
import { messageOf } from '../../services/coordinator/src/notifications/message.js';
import { tellOf } from '../../services/coordinator/src/notifications/notifiable-events.js';
import { cloudEventText } from '../../services/coordinator/src/notifications/webhook/cloud-event.js';
import { parseSecrets, signatureOf } from '../../services/coordinator/src/notifications/webhook/signature.js';
import { standaloneConfig } from '../../services/standalone/src/standalone.config.js';
import { root } from './tracked-files.js';

const guide = readFileSync(join(root, 'docs/notifications.md'), 'utf8');
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const HOUR_MS = 3_600_000;

/** The sample right below a line with the file's name, or the first one of the language. */
function sample(language: string, file = ''): string {
  const start = file === '' ? '' : `^\`${file.replaceAll('.', '\\.')}\`\\n\\n`;
  const found = new RegExp(`${start}^\`\`\`${language}\\n(?<text>.*?)^\`\`\`$`, 'ms').exec(guide);
  return found?.groups?.['text'] ?? '';
}

describe('the guide to notifications', () => {
  const { notifications } = loadConfig(standaloneConfig, { yaml: sample('yaml', 'tutti.yaml'), env: {} }).coordinator;

  it('shows a configuration that is accepted, and sends what it says to whom it says', () => {
    const environment = { ON_CALL_SECRET: SECRET, MAIL_USER: 'tutti', MAIL_PASSWORD: 'x' };
    const channels = createChannels(notifications, environment, createSystemRuntime());
    const told = (on: 'approval.requested' | 'run.failed', workflow: string, labels: Readonly<Record<string, string>>) => {
      const facts = { workflow, labels, definition: { rules: [], named: () => [] } };
      return Object.fromEntries(addresseesOf({ on, facts, named: [] }, notifications.rules, channels));
    };
    expect(told('approval.requested', 'order-review', {})).toEqual({ mail: ['reviews@example.com'] });
    expect(told('approval.requested', 'greet', {})).toEqual({});
    expect(told('run.failed', 'greet', { env: 'live' })).toEqual({ 'on-call': [] });
  });

  it('shows the body of a webhook as it is', () => {
    const shown = JSON.parse(sample('json')) as {
      readonly id: string;
      readonly time: string;
      readonly data: Readonly<Record<string, never>>;
    };
    const { runId, workflow, step, approvalId, eventId, position, title: asked } = shown.data;
    const { title, text } = tellOf('approval.requested', { approvalId, step, gate: 'sign-off', title: asked } as never, workflow ?? '');
    const about = { runId, workflow, step, approvalId, eventId, position, time: shown.time } as never;
    const requested = { notificationId: shown.id, channel: 'on-call', on: 'approval.requested', to: [], about, title, text };
    const message = messageOf(requested, notifications.publicUrl ?? null);
    expect(JSON.parse(cloudEventText(message, notifications.publicUrl ?? '', 0))).toEqual(shown);
  });

  it('shows a check of the signature that takes what was signed and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-guide-'));
    try {
      const file = join(folder, 'receiver.mjs');
      await writeFile(file, sample('js', 'receiver.mjs'));
      const { isFromTutti } = (await import(file)) as {
        isFromTutti(secret: string, headers: Readonly<Record<string, string>>, body: string, nowSeconds: number): boolean;
      };
      const signature = signatureOf(
        parseSecrets(`${SECRET} whsec_${Buffer.alloc(24).toString('base64')}`) ?? [],
        'ntf_1',
        1_000,
        '{"a":1}',
      );
      const headers = { 'webhook-id': 'ntf_1', 'webhook-timestamp': '1000', 'webhook-signature': signature };
      expect(isFromTutti(SECRET, headers, '{"a":1}', 1_100)).toBe(true);
      expect(isFromTutti(SECRET, headers, '{"a":2}', 1_100)).toBe(false);
      expect(isFromTutti(SECRET, { ...headers, 'webhook-id': 'ntf_2' }, '{"a":1}', 1_100)).toBe(false);
      expect(isFromTutti(SECRET, headers, '{"a":1}', 1_301)).toBe(false);
      expect(isFromTutti(SECRET, { ...headers, 'webhook-timestamp': 'now' }, '{"a":1}', 1_100)).toBe(false);
      expect(isFromTutti(`whsec_${Buffer.alloc(32, 8).toString('base64')}`, headers, '{"a":1}', 1_100)).toBe(false);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('names every word that rules take', () => {
    for (const word of Object.keys(NOTIFIABLE_EVENTS))
      expect(guide).toMatch(new RegExp(`^\\| .*\\b${word.replace('.', '\\.')}\\b.* \\|`, 'm'));
  });

  it('says of the waits what the defaults come to', () => {
    const { maxAttempts, retryMs } = notifications;
    let state = channelDecider.initialState();
    const apply = (command: Parameters<typeof channelDecider.decide>[0]) => {
      const events = channelDecider.decide(command, state);
      for (const event of events) state = channelDecider.evolve(state, event);
      return events;
    };
    const requested = { notificationId: 'n', channel: 'c', on: 'test', to: [], about: null, title: '', text: '' };
    apply({ type: 'Request', notifications: [requested], maxPending: 1, refused: null });
    const waits: number[] = [];
    for (let nowMs = 0; state.pending.size > 0;) {
      const failed = {
        error: { code: 'X', message: '' },
        permanent: false,
        retryAfterMs: null,
        retry: { maxAttempts, retryMs },
        random: 0,
      };
      const [event] = apply({ type: 'RecordFailed', id: 'n', nowMs, ...failed });
      const retryAt = event?.type === 'NotificationFailed' ? event.data.retryAt : null;
      if (retryAt === null) break;
      waits.push(Date.parse(retryAt) - nowMs);
      nowMs = Date.parse(retryAt);
    }
    expect(waits.slice(0, 3)).toEqual([5_000, 20_000, 80_000]);
    expect(maxAttempts).toBe(9);
    expect(Math.round(waits.reduce((sum, one) => sum + one, 0) / HOUR_MS)).toBe(14);
    expect(guide).toContain('5 s, 20 s, 80 s and so on up to 6 h, nine times in all within about 14 h');
  });
});
