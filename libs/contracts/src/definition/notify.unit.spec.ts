import { describe, expect, it } from '@jest/globals';
import { notify } from './notify.js';

describe('the notify member of a definition', () => {
  it('takes rules with known words and mail addresses', () => {
    const rules = [{ on: ['approval.requested', 'run.failed'], channel: 'on-call', to: ['ann@example.com'] }];
    expect(notify.parse(rules)).toEqual(rules);
  });

  it.each([
    ['a word that nobody knows', { on: ['run.exploded'], channel: 'ops' }, 'expected one of approval.requested'],
    ['no word at all', { on: [], channel: 'ops' }, ''],
    ['a channel that no stream could be named for', { on: ['run.failed'], channel: '.follower' }, 'expected lower-case words'],
    [
      'an address with a second line',
      { on: ['run.failed'], channel: 'ops', to: ['a@b.example\nBcc: c@d.example'] },
      'expected a mail address',
    ],
    ['two addresses in one', { on: ['run.failed'], channel: 'ops', to: ['a@b.example,c@d.example'] }, 'expected a mail address'],
    ['a member that is none', { on: ['run.failed'], channel: 'ops', url: 'https://example.com' }, 'url'],
  ])('refuses %s', (_, rule, message) => {
    const parsed = notify.safeParse([rule]);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain(message);
  });
});
