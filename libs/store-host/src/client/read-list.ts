import type { HostLink } from './host-link.js';

/** Pieces of up to 256 KiB that wait at the reader. */
const WINDOW = 4;

/** Everything that a stream of lists gives. A read that cannot go on throws, and never ends as though it had been complete. */
export async function* readList<Item>(link: HostLink, method: string, args: readonly unknown[]): AsyncGenerator<Item, void, undefined> {
  const stream = link.read(method, args, WINDOW);
  try {
    for (;;) {
      const next = await stream.next();
      if ('kind' in next) {
        if (next.kind !== 'complete') throw next.error;
        return;
      }
      yield* next.value as readonly Item[];
    }
  } finally {
    stream.cancel();
  }
}

export async function collectList<Item>(link: HostLink, method: string, args: readonly unknown[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of readList<Item>(link, method, args)) items.push(item);
  return items;
}
