import { mailAddress, type NotifyOn } from '@tutti/contracts';
import type { NotificationRule } from './notifications.config.js';
import { asksFor, type RunFacts } from './run-facts.js';

/** A channel as far as it matters for whom it can reach. */
export interface KnownChannel {
  readonly name: string;
  readonly needsAddresses: boolean;
}

interface Happened {
  readonly on: NotifyOn;
  readonly facts: RunFacts;
  /** Channels and addresses that the gate or the event itself names. */
  readonly named: readonly string[];
}

const MAX_ADDRESSES = 50;

/**
 * Who is told: addresses by channel. Every channel gets one notification of an event, with the addresses of all rules together. Addresses that a gate names go by the
 * first channel that takes addresses. A channel that sends mail and has nobody to send it to is left out.
 */
export function addresseesOf(
  happened: Happened,
  rules: readonly NotificationRule[],
  channels: readonly KnownChannel[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const add = (channel: string, to: readonly string[]): void => {
    const addresses = found.get(channel) ?? new Set();
    for (const one of to) if (addresses.size < MAX_ADDRESSES) addresses.add(one);
    found.set(channel, addresses);
  };
  const { on, facts, named } = happened;
  for (const rule of rules) if (asksFor(rule, on) && matches(rule, facts)) add(rule.channel, rule.to);
  for (const rule of facts.definition.rules) if (asksFor(rule, on)) add(rule.channel, rule.to ?? []);
  const mail = channels.find(({ needsAddresses }) => needsAddresses);
  for (const one of named) {
    if (channels.some(({ name }) => name === one)) add(one, []);
    // Approvers are named as actors: `user:ann@example.com`.
    const address = one.replace(/^user:/, '');
    if (mail !== undefined && mailAddress.safeParse(address).success) add(mail.name, [address]);
  }
  const reachable = [...found].filter(([name, to]) => to.size > 0 || channels.find((one) => one.name === name)?.needsAddresses !== true);
  return new Map(reachable.map(([name, to]) => [name, [...to]]));
}

function matches({ workflow, labels = {} }: NotificationRule, facts: RunFacts): boolean {
  if (workflow !== undefined && !matchesPattern(workflow, facts.workflow)) return false;
  return Object.entries(labels).every(([key, value]) => facts.labels[key] === value);
}

/** `*` stands for any characters. In time that grows with the texts' lengths alone. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}
