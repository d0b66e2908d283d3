import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useHttp } from '../api/http-context.js';
import { queries } from '../api/queries.js';
import type { EventView } from '@tutti/rest-contract';
import { browserSystem } from '../system/browser-system.js';
import { useLive } from './live-context.js';

const GATHER_MS = 150;

/** A run's events from its first, and each further one as it is recorded; what is read of the run is asked for again with them. */
export function useRunEvents(runId: string, isThere: boolean) {
  const client = useQueryClient();
  const { feed } = useLive();
  const options = queries.runEvents(useHttp(), runId);
  const answer = useQuery({ ...options, enabled: isThere });
  const isRead = answer.isSuccess;

  useEffect(() => {
    if (!isRead) return;
    const key = ['run-events', runId];
    const known = client.getQueryData<readonly EventView[]>(key) ?? [];
    let fresh: EventView[] = [];
    let cancelGather: (() => void) | null = null;
    const take = (): void => {
      cancelGather = null;
      const added = fresh;
      fresh = [];
      client.setQueryData<readonly EventView[]>(key, (before = []) => {
        const last = before.at(-1)?.revision ?? -1;
        return [...before, ...added.filter(({ revision }) => revision > last)];
      });
      void client.invalidateQueries({ queryKey: ['run', runId] });
    };
    const outdate = (): void => void client.invalidateQueries({ queryKey: ['run', runId] });
    const collect = (event: EventView): void => {
      fresh.push(event);
      cancelGather ??= browserSystem.after(GATHER_MS, take);
    };
    // The run was read before its events were, and may have gone on in between.
    const stop = feed.subscribe({ runId }, known.at(-1)?.position ?? 'head', collect, outdate);
    return () => {
      stop();
      cancelGather?.();
      // What was gathered and not shown yet is not lost: the next time asks after what is there.
    };
  }, [client, feed, isRead, runId]);

  return answer;
}
