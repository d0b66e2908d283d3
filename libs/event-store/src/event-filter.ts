import { streamCategory } from '@tutti/kernel';
import type { EventFilter } from './event-store.port.js';

interface Kind {
  readonly stream: string;
  readonly type: string;
}

/** Whether an event is wanted. */
export type EventMatcher = (event: Kind) => boolean;

export function eventMatcher({ categories, types }: EventFilter = {}): EventMatcher {
  const [ofCategories, ofTypes] = [categories && new Set(categories), types && new Set(types)];
  return ({ stream, type }) => (ofCategories?.has(streamCategory(stream)) ?? true) && (ofTypes?.has(type) ?? true);
}

/** Whether whoever is given what matches the one is given all that matches the other. */
export function coversFilter(one: EventFilter, other: EventFilter): boolean {
  return matchesNothing(other) || (holdsAll(one.categories, other.categories) && holdsAll(one.types, other.types));
}

/** The narrowest filter that covers all of them. */
export function unionOfFilters(filters: readonly EventFilter[]): EventFilter {
  const some = filters.filter((filter) => !matchesNothing(filter));
  const categories = unionOf(some.map((filter) => filter.categories));
  const types = unionOf(some.map((filter) => filter.types));
  return { ...(categories === undefined ? {} : { categories }), ...(types === undefined ? {} : { types }) };
}

function matchesNothing({ categories, types }: EventFilter): boolean {
  return categories?.length === 0 || types?.length === 0;
}

type Names = readonly string[] | undefined;

/** Undefined stands for all there are. */
function holdsAll(one: Names, other: Names): boolean {
  return one === undefined || (other?.every((name) => one.includes(name)) ?? false);
}

function unionOf(lists: readonly Names[]): Names {
  const names = new Set<string>();
  for (const list of lists) {
    if (list === undefined) return undefined;
    for (const name of list) names.add(name);
  }
  return [...names].toSorted();
}
