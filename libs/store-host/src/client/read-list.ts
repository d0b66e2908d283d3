import type { HostLink } from './host-link.js';
import { comesBack, patiently } from './patience.js';

/** Pieces of up to 256 KiB that wait at the reader. */
const WINDOW = 4;

/**
 * Everything that a stream of lists gives, over breaks. A read that cannot go on throws, and never ends as though it had been complete.
 *
 * @param rest what is still to be asked for when this item was the last to come, as the `count`th; null for nothing
 */
export async function* readList<Item>(
  link: HostLink,
  method: string,
  args: readonly unknown[],
  rest: (last: Item, count: number) => readonly unknown[] | null,
): AsyncGenerator<Item, void, undefined> {
  let last: { readonly item: Item } | null = null;
  let count = 0;
  for (;;) {
    const left: readonly unknown[] | null = last === null ? args : rest(last.item, count);
    if (left === null) return;
    try {
      for await (const items of readPieces<Item>(link, method, left)) {
        for (const item of items) {
          last = { item };
          count += 1;
          yield item;
        }
      }
      return;
    } catch (error) {
      if (!(await comesBack(link, error))) throw error;
    }
  }
}

/** From the beginning again after a break. */
export function collectList<Item>(link: HostLink, method: string, args: readonly unknown[]): Promise<readonly Item[]> {
  return patiently(link, () => collectOnce<Item>(link, method, args));
}

export async function collectOnce<Item>(link: HostLink, method: string, args: readonly unknown[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const piece of readPieces<Item>(link, method, args)) items.push(...piece);
  return items;
}

async function* readPieces<Item>(
  link: HostLink,
  method: string,
  args: readonly unknown[],
): AsyncGenerator<readonly Item[], void, undefined> {
  const stream = link.read(method, args, WINDOW);
  try {
    for (;;) {
      const next = await stream.next();
      if ('kind' in next) {
        if (next.kind !== 'complete') throw next.error;
        return;
      }
      yield next.value as readonly Item[];
    }
  } finally {
    stream.cancel();
  }
}
