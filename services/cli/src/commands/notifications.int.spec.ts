import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';

const FAILED = {
  id: 'ntf_1',
  channel: 'on-call',
  on: 'run.failed',
  title: 'greet failed',
  status: 'undeliverable',
  attempts: 9,
  errorMessage: 'the receiver answered 503',
};
const SENT = {
  id: 'ntf_2',
  channel: 'mail',
  on: 'approval.requested',
  title: 'Is it right?',
  status: 'sent',
  attempts: 1,
  to: ['ann@example.com'],
};

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
  harness.server.on('GET', '/v1/notifications', ({ path }) => ({
    json: { notifications: path.includes('status=undeliverable') ? [FAILED] : [SENT, FAILED], nextPageToken: '' },
  }));
});
afterEach(() => harness.close());

describe('tutti notifications', () => {
  it('shows what is undeliverable before the newest', async () => {
    const { exitCode, out } = await harness.tutti(['notifications']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /Undeliverable\n.*\n.*on-call +run.failed +undeliverable +greet failed +9 +the receiver answered 503\n\nNewest\n.*\n.*mail +approval.requested/,
    );
  });

  it('gives programs both lists whole', async () => {
    const { out } = await harness.tutti(['notifications', 'list', '--json']);
    expect(JSON.parse(out)).toEqual({ undeliverable: [FAILED], recent: [SENT, FAILED] });
  });

  it('asks for what the options say', async () => {
    const { exitCode } = await harness.tutti([
      'notifications',
      'list',
      '--status',
      'undeliverable',
      '--channel',
      'on-call',
      '--run',
      'r-1',
      '--limit',
      '3',
    ]);
    expect(exitCode).toBe(0);
    const asked = new URL(harness.lastRequest('/v1/notifications')?.path ?? '', 'http://x').searchParams;
    expect(Object.fromEntries(asked)).toEqual({ status: 'undeliverable', channel: 'on-call', runId: 'r-1', pageSize: '3' });
  });

  it('tests a channel, and ends with 1 when it was not delivered', async () => {
    let answer: object = { id: 'ntf_3', delivered: true, answer: '204 No Content' };
    harness.server.on('POST', '/v1/notifications/test', () => ({ json: answer }));
    expect(await harness.tutti(['notifications', 'test', 'mail', '--to', 'ann@example.com', '--to', 'bob@example.com'])).toMatchObject({
      exitCode: 0,
      out: 'delivered through mail: 204 No Content\n',
    });
    expect(JSON.parse(harness.lastRequest('/v1/notifications/test')?.body ?? '')).toEqual({
      channel: 'mail',
      to: ['ann@example.com', 'bob@example.com'],
    });
    answer = { id: 'ntf_4', delivered: false, errorCode: 'TLS_REFUSED', errorMessage: 'no TLS' };
    expect(await harness.tutti(['notifications', 'test', 'mail'])).toMatchObject({
      exitCode: 1,
      out: 'not delivered through mail: no TLS (TLS_REFUSED)\n',
    });
  });
});
