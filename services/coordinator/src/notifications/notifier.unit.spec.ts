import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import type { Ownership } from '../ownership/ownership.js';
import { DELIVERED, NotifierHarness, REFUSED } from './notifier-harness.js';

const FAILED_TO_HOOKS = { on: ['run.failed' as const], channel: 'hooks' };
const RETRY = { maxAttempts: 3, retryMs: 1_000 };

let harness: NotifierHarness;
beforeEach(async () => {
  harness = new NotifierHarness();
  await harness.startRun('r-1');
});

describe('the notifier', () => {
  it('tells what a rule asks for, once, with what a person needs', async () => {
    await harness.boot({
      rules: [{ on: ['approval.requested'], channel: 'mail', to: ['ann@example.com'] }],
      publicUrl: 'https://tutti.example.com/',
    });
    const asked = await harness.askFor('r-1');
    await harness.settle();
    expect(harness.mail.sent).toEqual([
      {
        id: expect.stringMatching(/^ntf_[0-9a-f]{32}$/),
        on: 'approval.requested',
        to: ['ann@example.com'],
        about: {
          ...{ runId: 'r-1', workflow: 'greet', step: 'ask', approvalId: 'r-1.ask.sign-off.1' },
          ...{ eventId: asked.id, position: asked.position, time: asked.time },
        },
        subject: '[Tutti] Approval needed: Is it right?',
        title: 'Is it right?',
        text: 'step ask of greet waits for a decision.',
        link: 'https://tutti.example.com/approvals/r-1.ask.sign-off.1',
        commands: ['tutti approve r-1.ask.sign-off.1', 'tutti reject r-1.ask.sign-off.1'],
      },
    ]);
    expect(harness.hooks.sent).toEqual([]);
    expect(await harness.deliveries('mail')).toMatchObject([
      { type: 'NotificationRequested', data: { notificationId: harness.mail.sent[0]?.id, channel: 'mail' } },
      { type: 'NotificationSent', data: { notificationId: harness.mail.sent[0]?.id, attempt: 1, answer: 'taken' } },
    ]);
  });

  it('tells nothing of what happened before it was set up', async () => {
    await harness.failRun('r-1');
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.settle();
    expect(harness.hooks.sent).toEqual([]);
  });

  it('goes on after a restart where it stopped: what happened in between is told, what was told is not told again', async () => {
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.failRun('r-1');
    await harness.settle();
    await harness.notifier.stop();
    await harness.startRun('r-2');
    await harness.failRun('r-2');
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.settle();
    expect(harness.hooks.sent.map(({ about }) => about?.runId)).toEqual(['r-1', 'r-2']);
  });

  it('tells nothing twice after a crash that lost how far it was', async () => {
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.failRun('r-1');
    await harness.settle();
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.settle();
    expect(harness.hooks.sent).toHaveLength(1);
    expect(await harness.types('hooks')).toEqual(['Requested', 'Sent']);
  });

  it('sends again under the same id what was sent and not recorded', async () => {
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    harness.hooks.answer = () => {
      harness.beforeAppend = () => {
        throw new TuttiError('STORE_UNAVAILABLE', 'the power is gone');
      };
      return DELIVERED;
    };
    await harness.failRun('r-1');
    await harness.settle();
    expect(await harness.types('hooks')).toEqual(['Requested']);
    // The first one's process is gone: what it still tries fails as before.
    const first = harness.notifier;
    await first.stop();
    harness.beforeAppend = () => undefined;
    harness.hooks.answer = () => DELIVERED;
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.settle();
    const [one, other, ...more] = harness.hooks.sent;
    expect(more).toEqual([]);
    expect(other).toEqual(one);
    expect(await harness.types('hooks')).toEqual(['Requested', 'Sent']);
  });

  it('records a delivery once the store takes it again, without sending it again', async () => {
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    harness.hooks.answer = () => {
      harness.beforeAppend = () => {
        throw new TuttiError('DISK_FULL', 'no space');
      };
      return DELIVERED;
    };
    await harness.failRun('r-1');
    await harness.settle(5_000);
    harness.beforeAppend = () => undefined;
    await harness.settle(5_000);
    expect(harness.hooks.sent).toHaveLength(1);
    expect(await harness.types('hooks')).toEqual(['Requested', 'Sent']);
  });

  it('loses nothing while the store takes no requests', async () => {
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    harness.beforeAppend = () => {
      throw new TuttiError('DISK_FULL', 'no space');
    };
    await harness.failRun('r-1');
    await harness.settle(3_000);
    expect(harness.hooks.sent).toEqual([]);
    harness.beforeAppend = () => undefined;
    await harness.settle(3_000);
    expect(await harness.types('hooks')).toEqual(['Requested', 'Sent']);
  });

  it('tries again with growing waits, and gives up after the last', async () => {
    harness.hooks.answer = () => REFUSED;
    await harness.boot({ rules: [FAILED_TO_HOOKS], ...RETRY });
    await harness.failRun('r-1');
    await harness.settle();
    expect(harness.hooks.sent).toHaveLength(1);
    await harness.settle(1_000);
    expect(harness.hooks.sent).toHaveLength(2);
    await harness.settle(2_000);
    expect(harness.hooks.sent).toHaveLength(2);
    await harness.settle(2_000);
    expect(harness.hooks.sent).toHaveLength(3);
    await harness.settle(3_600_000);
    expect(new Set(harness.hooks.sent.map(({ id }) => id)).size).toBe(1);
    expect(await harness.deliveries('hooks')).toMatchObject([
      { type: 'NotificationRequested' },
      { data: { attempt: 1, error: { code: 'HTTP_503' }, retryAt: expect.any(String) } },
      { data: { attempt: 2, retryAt: expect.any(String) } },
      { data: { attempt: 3, retryAt: null } },
    ]);
  });

  it('keeps to its waits over a restart', async () => {
    harness.hooks.answer = () => REFUSED;
    await harness.boot({ rules: [FAILED_TO_HOOKS], maxAttempts: 3, retryMs: 60_000 });
    await harness.failRun('r-1');
    await harness.settle();
    await harness.notifier.stop();
    await harness.boot({ rules: [FAILED_TO_HOOKS], maxAttempts: 3, retryMs: 60_000 });
    await harness.settle(40_000);
    expect(harness.hooks.sent).toHaveLength(1);
    harness.hooks.answer = () => DELIVERED;
    await harness.settle(21_000);
    expect(await harness.types('hooks')).toEqual(['Requested', 'Failed', 'Sent']);
  });

  it('delivers by one channel while another never answers, and holds up nothing that happens', async () => {
    harness.hooks.answer = () => new Promise(() => undefined);
    const both = [FAILED_TO_HOOKS, { on: ['run.failed' as const], channel: 'mail', to: ['ann@example.com'] }];
    await harness.boot({ rules: both, concurrency: 2, maxPending: 5 });
    for (let run = 1; run <= 20; run++) {
      await harness.startRun(`many-${run}`);
      await harness.failRun(`many-${run}`);
    }
    await harness.settle(10);
    expect(harness.mail.sent).toHaveLength(20);
    expect(harness.hooks.sent).toHaveLength(2);
    const refused = (await harness.deliveries('hooks')).filter(({ type }) => type === 'NotificationFailed');
    expect(refused).toHaveLength(15);
    expect(refused[0]).toMatchObject({ data: { attempt: 0, error: { code: 'CHANNEL_FULL' }, retryAt: null } });
  });

  it('breaks off at the stop what does not end by itself, and sends it again after the next start', async () => {
    harness.hooks.answer = (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(REFUSED)));
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.failRun('r-1');
    await harness.settle();
    const stopped = harness.notifier.stop();
    await harness.settle(3_000);
    await stopped;
    expect(await harness.types('hooks')).toEqual(['Requested']);
    harness.hooks.answer = () => DELIVERED;
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.settle();
    expect(await harness.types('hooks')).toEqual(['Requested', 'Sent']);
  });

  it('takes a channel that throws for one that failed', async () => {
    harness.hooks.answer = () => {
      throw new Error('a bug');
    };
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.failRun('r-1');
    await harness.settle();
    expect(await harness.deliveries('hooks')).toMatchObject([{}, { type: 'NotificationFailed', data: { error: { message: 'a bug' } } }]);
  });

  it('records that a definition names a channel which is not there', async () => {
    await harness.registerWorkflow('named', { notify: [{ on: ['run.failed'], channel: 'nowhere' }] });
    await harness.startRun('r-2', 'named');
    await harness.boot();
    await harness.failRun('r-2');
    await harness.settle();
    expect(await harness.deliveries('nowhere')).toMatchObject([
      { type: 'NotificationRequested' },
      { type: 'NotificationFailed', data: { attempt: 0, error: { code: 'CHANNEL_NOT_FOUND' }, retryAt: null } },
    ]);
  });

  it('tells whom the gate, the approval itself and the definition name, each channel once', async () => {
    const gates = [
      {
        name: 'sign-off',
        type: 'approval',
        title: 'x',
        notify: ['hooks', 'lead@example.com'],
        approvers: ['user:ann@example.com', 'group:leads'],
      },
    ];
    await harness.registerWorkflow('named', {
      steps: { loop: { steps: { ask: { gates } } } },
      notify: [{ on: ['approval.requested'], channel: 'hooks' }],
    });
    await harness.startRun('r-2', 'named');
    await harness.boot();
    await harness.askFor('r-2', { approvers: ['bob@example.com'] });
    await harness.settle();
    expect(harness.mail.sent.map(({ to }) => to)).toEqual([['bob@example.com', 'lead@example.com', 'ann@example.com']]);
    expect(harness.hooks.sent).toHaveLength(1);
  });

  it('says what the approval is about when a later event tells of it', async () => {
    await harness.boot({
      rules: [{ on: ['approval.escalated', 'approval.expired'], channel: 'hooks' }],
      publicUrl: 'https://tutti.example.com',
    });
    await harness.askFor('r-1');
    const approvalId = 'r-1.ask.sign-off.1';
    await harness.appendAny('r-1', { type: 'ApprovalEscalated', schemaVersion: 1 }, { approvalId, to: ['boss@example.com'] });
    await harness.appendAny('r-1', { type: 'ApprovalExpired', schemaVersion: 1 }, { approvalId });
    await harness.settle();
    expect(harness.hooks.sent.map(({ subject, commands }) => [subject, commands[0]])).toEqual([
      ['[Tutti] Approval still waits: Is it right?', `tutti approve ${approvalId}`],
      ['[Tutti] Approval expired: Is it right?', 'tutti show r-1'],
    ]);
    expect(harness.mail.sent).toMatchObject([{ on: 'approval.escalated', to: ['boss@example.com'], about: { step: 'ask', approvalId } }]);
  });

  it('tells of a decision that was handed on only whom it was handed to', async () => {
    await harness.boot();
    await harness.askFor('r-1', { approvers: ['user:ann@example.com'], notify: ['hooks'] });
    const delegated = { approvalId: 'r-1.ask.sign-off.1', from: 'user:ann@example.com', to: 'user:bob@example.com', reason: '' };
    await harness.appendAny('r-1', { type: 'ApprovalDelegated', schemaVersion: 1 }, delegated);
    await harness.settle();
    expect(harness.mail.sent.map(({ on, to }) => [on, to])).toEqual([
      ['approval.requested', ['ann@example.com']],
      ['approval.delegated', ['bob@example.com']],
    ]);
    expect(harness.mail.sent[1]?.subject).toBe('[Tutti] Approval handed to you: Is it right?');
    expect(harness.hooks.sent).toHaveLength(1);
  });

  it('does nothing where another coordinator does it, and takes over when told to', async () => {
    let mine = false;
    let changed = (): void => undefined;
    const ownership: Ownership = { alone: false, owns: () => mine, onChange: (listener) => ((changed = listener), () => undefined) };
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.notifier.stop();
    await harness.boot({ rules: [FAILED_TO_HOOKS] }, ownership);
    await harness.failRun('r-1');
    await harness.settle();
    expect(harness.hooks.sent).toEqual([]);
    mine = true;
    changed();
    await harness.settle();
    expect(harness.hooks.sent).toHaveLength(1);
    mine = false;
    changed();
    await harness.settle();
    await harness.startRun('r-2');
    await harness.failRun('r-2');
    await harness.settle();
    expect(harness.hooks.sent).toHaveLength(1);
  });

  it('sends nothing under two ids where two take it for theirs for a while', async () => {
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    const first = harness.notifier;
    await harness.boot({ rules: [FAILED_TO_HOOKS] });
    await harness.failRun('r-1');
    await harness.settle();
    expect(new Set(harness.hooks.sent.map(({ id }) => id)).size).toBe(1);
    expect((await harness.types('hooks')).filter((type) => type === 'Requested')).toHaveLength(1);
    await first.stop();
  });
});

describe('a test of a channel', () => {
  it('is sent once and recorded, and its outcome answered', async () => {
    await harness.boot({ rules: [{ on: ['run.failed'], channel: 'mail', to: ['ann@example.com'] }], ...RETRY });
    expect(await harness.notifier.test('mail', [], 'user:bob')).toMatchObject({ outcome: DELIVERED });
    expect(harness.mail.sent).toMatchObject([
      { on: 'test', to: ['ann@example.com'], about: null, text: expect.stringContaining('user:bob') },
    ]);
    harness.mail.answer = () => REFUSED;
    expect(await harness.notifier.test('mail', ['eve@example.com'], 'user:bob')).toMatchObject({ outcome: REFUSED });
    await harness.settle(3_600_000);
    expect(harness.mail.sent).toHaveLength(2);
    expect(await harness.types('mail')).toEqual(['Requested', 'Sent', 'Requested', 'Failed']);
  });

  it('is refused for a channel that is not there, one that nobody stands behind, and while nothing is sent', async () => {
    await harness.boot();
    await expect(harness.notifier.test('pigeon', [], 'user:bob')).rejects.toMatchObject({
      code: 'CHANNEL_NOT_FOUND',
      message: 'there is no notification channel "pigeon"; configured are: hooks, mail',
    });
    await expect(harness.notifier.test('mail', [], 'user:bob')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await harness.notifier.stop();
    await expect(harness.notifier.test('hooks', [], 'user:bob')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
