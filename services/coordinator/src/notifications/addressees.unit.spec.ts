import { describe, expect, it } from '@jest/globals';
import { addresseesOf, matchesPattern } from './addressees.js';
import type { NotificationRule } from './notifications.config.js';

const CHANNELS = [
  { name: 'hooks', needsAddresses: false },
  { name: 'mail', needsAddresses: true },
];
const ANN = ['ann@example.com'];

function told(rules: readonly NotificationRule[], named: readonly string[] = [], labels: Readonly<Record<string, string>> = {}) {
  const facts = { workflow: 'order-review', labels, definition: { rules: [], named: () => [] } };
  return Object.fromEntries(addresseesOf({ on: 'run.failed', facts, named }, rules, CHANNELS));
}

describe('who is told', () => {
  it.each<[string, Omit<NotificationRule, 'channel' | 'to'>, boolean]>([
    ['what happened', { on: ['run.succeeded', 'run.failed'] }, true],
    ['something else', { on: ['run.succeeded'] }, false],
    ['a workflow like this one', { on: ['run.failed'], workflow: 'order-*' }, true],
    ['another workflow', { on: ['run.failed'], workflow: 'order' }, false],
    ['labels that the run has', { on: ['run.failed'], labels: { team: 'core' } }, true],
    ['a label with another value', { on: ['run.failed'], labels: { team: 'edge' } }, false],
    ['a label that it does not have', { on: ['run.failed'], labels: { team: 'core', constructor: 'x' } }, false],
  ])('goes by a rule that asks for %s', (_, rule, asked) => {
    const found = told([{ ...rule, channel: 'mail', to: ANN }], [], { team: 'core', env: 'live' });
    expect(found).toEqual(asked ? { mail: ANN } : {});
  });

  it('is everybody whom several rules name, each once', () => {
    const rule = { on: ['run.failed' as const], channel: 'mail' };
    expect(
      told([
        { ...rule, to: ANN },
        { ...rule, to: ['bob@example.com', ...ANN] },
      ]),
    ).toEqual({ mail: ['ann@example.com', 'bob@example.com'] });
  });

  it('is whom a gate names, by the channel that takes addresses; roles are nobody’s address', () => {
    expect(told([], ['hooks', 'user:ann@example.com', 'bob@example.com', 'group:leads', 'user:eve'])).toEqual({
      hooks: [],
      mail: ['ann@example.com', 'bob@example.com'],
    });
  });

  it('is nobody where a mail channel has no address', () => {
    expect(told([{ on: ['run.failed'], channel: 'mail', to: [] }], ['mail'])).toEqual({});
  });
});

describe('a pattern for workflows', () => {
  it.each([
    ['*', 'anything', true],
    ['greet', 'greet', true],
    ['greet', 'greeter', false],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*bc*bc', 'a-bc', false],
    ['order.*', 'order-x', false],
    [`${'a*'.repeat(90)}b`, 'a'.repeat(100), false],
  ])('"%s" for "%s": %s', (pattern, name, matches) => {
    expect(matchesPattern(pattern, name)).toBe(matches);
  });
});
