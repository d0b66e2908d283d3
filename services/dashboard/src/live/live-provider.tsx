import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { browserSystem } from '../system/browser-system.js';
import { FeedSocket, type FeedState } from './feed-socket.js';
import { LiveContext } from './live-context.js';
import { LIST_FILTERS, LIST_KEYS, outdatedBy } from './outdated.js';

/** However many events come, a list is asked for again at most so often. */
const GATHER_MS = 400;

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<FeedState>('connecting');
  const feed = useMemo(
    () =>
      new FeedSocket({
        address: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/feed`,
        system: browserSystem,
        onState: setState,
      }),
    [],
  );

  useEffect(() => {
    const outdated = new Set<string>();
    let cancelGather: (() => void) | null = null;
    const tell = (): void => {
      cancelGather = null;
      for (const key of outdated) void client.invalidateQueries({ queryKey: [key] });
      outdated.clear();
    };
    const mark = (keys: readonly string[]): void => {
      for (const key of keys) outdated.add(key);
      cancelGather ??= browserSystem.after(GATHER_MS, tell);
    };
    const stops = LIST_FILTERS.map((filter) =>
      feed.subscribe(
        filter,
        'head',
        (event) => mark(outdatedBy(event)),
        () => mark(LIST_KEYS),
      ),
    );
    feed.start();
    return () => {
      for (const stop of stops) stop();
      cancelGather?.();
      feed.close();
    };
  }, [feed, client]);

  const live = useMemo(() => ({ feed, state }), [feed, state]);
  return <LiveContext.Provider value={live}>{children}</LiveContext.Provider>;
}
