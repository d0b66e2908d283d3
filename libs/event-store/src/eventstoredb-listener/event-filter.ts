import type { RecordedEvent } from '@tutti/kernel';
import { RE2JS } from 're2js';
import type { FilterOptions } from '../eventstoredb/messages.js';

const MAX_PATTERN = 2_000;
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
  return {
    matches: (event) => {
      const text = byStream ? event.stream : event.type;
      return pattern === null ? prefixes.some((prefix) => text.startsWith(prefix)) : pattern.matcher(text).find();
    },
    checkpointEvery: window * Math.max(options.getCheckpointintervalmultiplier(), 1),
  };
}
