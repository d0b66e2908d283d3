import type { RecordedEvent } from '@tutti/kernel';
import { RE2JS } from 're2js';
import { RecentCache } from '../embedded/recent-cache.js';
import type { FilterOptions } from '../eventstoredb/messages.js';

const MAX_PATTERN = 2_000;
/** Names that were looked at lately: a stream comes again and again, and an expression takes longer than all the rest of an event that does not match. */
const KNOWN_NAMES = 500;
const MAX_KNOWN_LENGTH = 200;
/** Of the server that the client was made for. */
const DEFAULT_WINDOW = 32;

export interface WireFilter {
  readonly matches: (event: RecordedEvent) => boolean;
  /** A subscription says how far it is after so many events that it looked at. */
  readonly checkpointEvery: number;
}

export const EVERYTHING: WireFilter = { matches: () => true, checkpointEvery: Number.POSITIVE_INFINITY };

/** @throws RangeError or what the expression's parser throws, for one that is none */
export function wireFilter(options: FilterOptions): WireFilter {
  const byStream = options.hasStreamIdentifier();
  const expression = byStream ? options.getStreamIdentifier() : options.getEventType();
  const prefixes = expression?.getPrefixList() ?? [];
  const regex = expression?.getRegex() ?? '';
  if (regex.length > MAX_PATTERN) throw new RangeError(`the expression has ${regex.length} characters; at most ${MAX_PATTERN} are taken`);
  // Whoever connects gives the expression: it must not be able to hold up everybody else.
  const pattern = regex === '' ? null : RE2JS.compile(regex);
  const window = options.hasMax() && options.getMax() > 0 ? options.getMax() : DEFAULT_WINDOW;
  const known = new RecentCache<boolean>(KNOWN_NAMES);
  const isMatch = (text: string): boolean => {
    if (pattern === null) return prefixes.some((prefix) => text.startsWith(prefix));
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = pattern.matcher(text).find();
    if (text.length <= MAX_KNOWN_LENGTH) known.set(text, found);
    return found;
  };
  return {
    matches: (event) => isMatch(byStream ? event.stream : event.type),
    checkpointEvery: window * Math.max(options.getCheckpointintervalmultiplier(), 1),
  };
}
