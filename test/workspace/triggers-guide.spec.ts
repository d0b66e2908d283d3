import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSchedule } from '@tutti/rest-contract';
import { loadConfig } from '@tutti/service-kit';
import { checkSignature } from '../../services/coordinator/src/inbox/webhook-signature.js';
import { nextTime } from '../../services/coordinator/src/schedules/times.js';
import { startTriggerEngine, type TriggerEngine } from '../../services/coordinator/src/triggers/testing/trigger-engine.js';
import { webhookSecrets } from '../../services/coordinator/src/triggers/triggers.config.js';
import { specFromWire } from '../../services/gateway/src/schedules/schedule.wire.js';
import { standaloneConfig } from '../../services/standalone/src/standalone.config.js';
import { root } from './tracked-files.js';

const guide = readFileSync(join(root, 'docs/triggers.md'), 'utf8');
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Samples of a language, in order. */
function samples(language: string): readonly string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);
}
const [definition = '', configuration = ''] = samples('yaml');
const [schedule = '', event = ''] = samples('json');

describe('the guide to triggers', () => {
  let engine: TriggerEngine | null = null;
  afterEach(() => engine?.close());

  it('shows a definition whose triggers start runs as it says', async () => {
    engine = await startTriggerEngine(definition, () => undefined);
    const { id, source, type, data } = JSON.parse(event) as { id: string; source: string; type: string; data: { order: string } };
    const incoming = { id, source, type, data, subject: null, time: null };
    for (let time = 0; time < 2; time++)
      await engine.checked(await engine.triggering.inbox.receive(incoming, { from: 'api', actor: 'user:ann' }));
    await engine.crash();
    // Thursday at nine in Berlin passes while it is down.
    await engine.runtime.advance(8 * 3_600_000 + 60_000);
    await engine.restart();
    await engine.untilSchedule('order-report.weekdays', 'ScheduleTriggered');
    const started = await engine.startedRuns();
    expect(started.map(({ labels, inputs }) => [labels['tutti.trigger'], inputs])).toEqual([
      ['order-report/event.1', { inline: { order: 'A-17' } }],
      ['schedule:order-report.weekdays', { inline: { day: '2026-01-01T08:00:00.000Z' } }],
    ]);
  });

  it('shows a configuration that is accepted', () => {
    const { triggers } = loadConfig(standaloneConfig, { yaml: configuration, env: {} }).coordinator;
    expect(triggers.fileRoots).toEqual(['/var/drop']);
    expect(webhookSecrets(triggers, { SHOP_WEBHOOK_SECRET: SECRET })['shop']).toHaveLength(1);
  });

  it('shows a schedule that is taken', () => {
    const { name, ...rest } = createSchedule.body.parse(JSON.parse(schedule));
    expect([name, specFromWire(rest)]).toMatchObject([
      'nightly',
      { workflow: 'order-report', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
    ]);
  });

  it('says what happens when the clocks change', () => {
    const berlin = (cron: string, after: string): string | undefined => {
      const next = nextTime({ cron, everyMs: null, offsetMs: 0, timezone: 'Europe/Berlin' }, Date.parse(after));
      return next === null ? undefined : new Date(next).toISOString();
    };
    expect(berlin('30 2 * * *', '2026-03-29T00:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(berlin('30 2 * * *', '2026-10-25T00:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(berlin('30 2 * * *', '2026-10-25T00:30:00Z')).toBe('2026-10-26T01:30:00.000Z');
    expect(berlin('*/30 * * * *', '2026-10-25T00:30:00Z')).toBe('2026-10-25T01:00:00.000Z');
  });

  it('shows how a message is signed so that it is taken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-guide-'));
    try {
      await writeFile(join(folder, 'sign.mjs'), samples('js')[0] ?? '');
      const { sign } = (await import(join(folder, 'sign.mjs'))) as { readonly sign: (...parts: readonly string[]) => string };
      const message = { id: 'msg_1', timestamp: '1767225600', body: '{"kind":"sale"}' };
      const signature = sign(SECRET, message.id, message.timestamp, message.body);
      const check = (): void => checkSignature({ ...message, signature }, Buffer.alloc(32, 7), 1_767_225_600_000);
      expect(check).not.toThrow();
      expect(signature).toBe(`v1,${createHmac('sha256', Buffer.alloc(32, 7)).update('msg_1.1767225600.{"kind":"sale"}').digest('base64')}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
