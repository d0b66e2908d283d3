import { TuttiError } from '@tutti/kernel';
import type { EventFilter } from '../event-store.port.js';
import type { ServerFilter } from './read-requests.js';

const SNAPSHOTS = 'tutti.snapshots-';
/** An expression is no longer than this; whoever wants more names gets everything, and picks. */
const MAX_EXPRESSION = 1_500;

/** What a stream of Tutti is called on the server, and which streams there are Tutti's. */
export class StreamNames {
  private readonly snapshots: string;

  constructor(private readonly prefix: string) {
    this.snapshots = `${prefix}${SNAPSHOTS}`;
  }

  /** @throws TuttiError INVALID_REQUEST for a name that the server, or the adapter, keeps for itself */
  onServer(stream: string): string {
    const name = this.prefix + stream;
    if (this.own(name) === null)
      throw new TuttiError('INVALID_REQUEST', `a stream is not called ${stream} in EventStoreDB: names with $ are its own`);
    return name;
  }

  /** Where the snapshot of a stream is kept. */
  snapshot(stream: string): string {
    return this.snapshots + stream;
  }

  /** Null for streams of the server itself, of others, and those that no reader of Tutti's log is to see. */
  own(name: string): string | null {
    if (name.startsWith('$') || !name.startsWith(this.prefix) || name.startsWith(this.snapshots)) return null;
    return name.slice(this.prefix.length);
  }

  /** The server filters by name or by type; the rest is for whoever takes what it gives. */
  serverFilter({ categories, types }: EventFilter = {}): ServerFilter {
    // No stream is called so.
    if (categories?.length === 0 || types?.length === 0) return { by: 'stream', regex: '^$' };
    if (categories !== undefined) {
      const regex = `^${escaped(this.prefix)}(${either(categories)})(-|$)`;
      if (regex.length <= MAX_EXPRESSION) return { by: 'stream', regex };
    }
    if (types !== undefined) {
      const regex = `^(${either(types)})$`;
      if (regex.length <= MAX_EXPRESSION) return { by: 'type', regex };
    }
    return this.prefix === '' ? { by: 'stream', regex: '^[^$]' } : { by: 'stream', prefixes: [this.prefix] };
  }
}

function either(names: readonly string[]): string {
  return names.map(escaped).join('|');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
