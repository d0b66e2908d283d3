import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventFilter } from '../event-store.port.js';
import { isIndexedKind } from './schema.js';

interface Kind {
  readonly category: string;
  readonly type: string;
}

/**
 * A kind is a pair of category and type; there are few, so all are in memory. Events carry its number, so that one index serves
 * every filter.
 */
export class EventKinds {
  private readonly kinds: (Kind | undefined)[] = [];
  private readonly ids = new Map<string, Map<string, number>>();

  private readonly select: StatementSync;

  constructor(
    database: DatabaseSync,
    /** Categories that make up most of the log. */
    private readonly frequent: ReadonlySet<string> = new Set(),
  ) {
    this.select = database.prepare('SELECT id, category, type FROM kinds');
    this.refresh();
  }

  /** Takes in the kinds that another connection has made. */
  refresh(): void {
    for (const row of this.select.all()) {
      const id = row['id'] as number;
      if (!this.isKnown(id)) this.remember(id, { category: row['category'] as string, type: row['type'] as string });
    }
  }

  isKnown(id: number): boolean {
    return this.kinds[id] !== undefined;
  }

  /** Numbers of a category's types, as a live view for {@link idIn}. */
  typesOf(category: string): Map<string, number> {
    const types = this.ids.get(category) ?? new Map<string, number>();
    this.ids.set(category, types);
    return types;
  }

  /** Number of the kind; `create` is called when it is new. */
  idIn(
    types: ReadonlyMap<string, number>,
    category: string,
    type: string,
    create: (id: number, category: string, type: string) => void,
  ): number {
    const known = types.get(type);
    if (known !== undefined) return known;
    const id = this.nextId(this.frequent.has(category));
    create(id, category, type);
    this.remember(id, { category, type });
    return id;
  }

  typeOf(id: number): string | undefined {
    return this.kinds[id]?.type;
  }

  matcher(filter: EventFilter | undefined): KindMatcher {
    return new KindMatcher(this.kinds, filter);
  }

  private nextId(isFrequent: boolean): number {
    const next = this.kinds.length;
    return isIndexedKind(next) === isFrequent ? next + 1 : next;
  }

  private remember(id: number, kind: Kind): void {
    this.kinds[id] = kind;
    this.typesOf(kind.category).set(kind.type, id);
  }
}

/** A filter, answered once per kind. */
export class KindMatcher {
  readonly matchesAll: boolean;
  private readonly answers: boolean[] = [];
  private readonly categories: ReadonlySet<string> | null;
  private readonly types: ReadonlySet<string> | null;

  constructor(
    private readonly kinds: readonly (Kind | undefined)[],
    filter: EventFilter = {},
  ) {
    this.categories = filter.categories === undefined ? null : new Set(filter.categories);
    this.types = filter.types === undefined ? null : new Set(filter.types);
    this.matchesAll = this.categories === null && this.types === null;
  }

  matches(kindId: number): boolean {
    return this.matchesAll || (this.answers[kindId] ??= this.answer(kindId));
  }

  /** All kinds so far that match. */
  kindIds(): number[] {
    return [...this.kinds.keys()].filter((id) => this.matches(id));
  }

  private answer(kindId: number): boolean {
    const kind = this.kinds[kindId];
    if (kind === undefined) return false;
    return (this.categories?.has(kind.category) ?? true) && (this.types?.has(kind.type) ?? true);
  }
}
