import type { JsonObject } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';

export interface ThingCount extends JsonObject {
  readonly count: number;
}

/** How many events each stream has. */
export function countedThings(version: number): Projection<ThingCount> {
  return {
    name: 'things',
    version,
    indexes: [['count']],
    handles: { categories: ['thing'] },
    keys: ({ stream }) => [stream],
    evolve: (document) => ({ count: (document?.count ?? 0) + 1 }),
  };
}
