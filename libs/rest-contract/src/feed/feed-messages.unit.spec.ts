import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { FEED_COMMANDS, feedJsonSchemas, feedMessage, feedRequest, type FeedCommandType } from './feed-messages.js';

const CHECKED_IN = new URL('../../../../docs/feed-messages.json', import.meta.url);
const HASH = 'a'.repeat(64);

const COMMANDS: Readonly<Record<FeedCommandType, object>> = {
  start: { workflow: 'greet' },
  signal: { runId: 'r-1', name: 'paid' },
  query: { runId: 'r-1', name: 'amount' },
  pause: { runId: 'r-1' },
  resume: { runId: 'r-1' },
  cancel: { runId: 'r-1' },
  approve: { approvalId: 'a-1', payloadHash: HASH },
  reject: { approvalId: 'a-1', payloadHash: HASH },
};

describe('the messages of the feed', () => {
  it('are as docs/feed-messages.json says: "npm run generate" writes what has changed', () => {
    expect(JSON.parse(readFileSync(CHECKED_IN, 'utf8'))).toEqual(JSON.parse(JSON.stringify(feedJsonSchemas())));
  });

  it.each(Object.keys(FEED_COMMANDS) as FeedCommandType[])('have for %s the defaults and limits of the body of REST', (type) => {
    const body = FEED_COMMANDS[type].body.parse(pick(COMMANDS[type], Object.keys(FEED_COMMANDS[type].body.shape)));
    expect(feedRequest.parse({ type, ref: 'c-1', ...COMMANDS[type] })).toMatchObject({ type, ref: 'c-1', ...COMMANDS[type], ...body });
  });

  it.each([
    ['a member that nobody knows', { type: 'pause', ref: 'c-1', runId: 'r-1', extra: 1 }],
    ['a command without a ref', { type: 'pause', runId: 'r-1' }],
    ['an actor of another shape', { type: 'pause', ref: 'c-1', runId: 'r-1', actor: 'nobody' }],
    ['a key with a space', { type: 'start', ref: 'c-1', workflow: 'greet', idempotencyKey: 'a b' }],
    [
      'eleven labels',
      { type: 'subscribe', id: 's', after: -1, labels: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`l${n}`, ''])) },
    ],
  ])('do not take %s', (_, message) => {
    expect(feedRequest.safeParse(message).success).toBe(false);
  });

  it('leave a reader what a newer server says besides', () => {
    const problem = { code: 'NEW', status: 400, title: 't', detail: 'd', retryable: false, hint: 'new' };
    expect(feedMessage.parse({ type: 'error', ref: 'c-1', problem, more: 1 })).toEqual({ type: 'error', ref: 'c-1', problem });
  });
});

function pick(from: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}
