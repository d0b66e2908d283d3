import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { notificationsProjection, type NotificationDocument } from './notifications.projection.js';
import { NotifierHarness, REFUSED } from './notifier-harness.js';

/** Folds a channel's stream as the runner does. */
async function documents(harness: NotifierHarness): Promise<readonly NotificationDocument[]> {
  const found = new Map<string, NotificationDocument>();
  const take = (event: RecordedEvent): void => {
    for (const key of notificationsProjection.keys(event)) {
      const document = notificationsProjection.evolve((found.get(key) ?? null) as never, event, key);
      if (document !== null) found.set(key, document);
    }
  };
  for await (const event of harness.inner.readStream('notification-hooks')) take(event);
  return [...found.values()];
}

describe('the view of notifications', () => {
  it('says of each how far it has come', async () => {
    const harness = new NotifierHarness();
    await harness.startRun('r-1');
    harness.hooks.answer = () => REFUSED;
    await harness.boot({ rules: [{ on: ['run.failed'], channel: 'hooks' }], maxAttempts: 2, retryMs: 1_000 });
    await harness.failRun('r-1');
    await harness.settle();
    const [pending] = await documents(harness);
    expect(pending).toMatchObject({
      ...{ channel: 'hooks', on: 'run.failed', runId: 'r-1', workflow: 'greet', title: 'greet failed', status: 'pending' },
      ...{ attempts: 1, retryAt: expect.any(String), errorCode: 'HTTP_503' },
    });
    await harness.settle(1_000);
    expect(await documents(harness)).toMatchObject([{ status: 'undeliverable', attempts: 2, retryAt: null, errorMessage: 'not now' }]);
    await harness.notifier.test('hooks', [], 'user:ann');
    expect(await documents(harness)).toMatchObject([{}, { on: 'test', runId: '', status: 'undeliverable', attempts: 1 }]);
    await harness.notifier.stop();
  });

  it('forgets the error of one that came through in the end', async () => {
    const harness = new NotifierHarness();
    await harness.startRun('r-1');
    harness.hooks.answer = () => REFUSED;
    await harness.boot({ rules: [{ on: ['run.failed'], channel: 'hooks' }], retryMs: 1_000 });
    await harness.failRun('r-1');
    await harness.settle();
    harness.hooks.answer = () => ({ delivered: true, answer: 'ok' });
    await harness.settle(1_000);
    expect(await documents(harness)).toMatchObject([{ status: 'sent', attempts: 2, errorCode: '', retryAt: null }]);
    await harness.notifier.stop();
  });
});
