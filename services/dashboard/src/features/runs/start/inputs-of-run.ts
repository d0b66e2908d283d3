import { getRun, listRunEvents } from '@tutti/rest-contract';
import { queryOptions } from '@tanstack/react-query';
import type { Http } from '../../../api/http.js';

/** What a run was started with; no inputs when they are too large to stand in its first event. */
export function inputsOfRun(http: Http, id: string) {
  return queryOptions({
    queryKey: ['run', id, 'inputs'],
    queryFn: async ({ signal }) => {
      const [{ run }, { events }] = await Promise.all([
        http.ask(getRun, { params: { id }, signal }),
        http.ask(listRunEvents, { params: { id }, query: { from: 0, limit: 1 }, signal }),
      ]);
      const inputs = events[0]?.data['inputs'] as { readonly inline?: unknown } | undefined;
      return { inputs: inputs?.inline, labels: run.labels };
    },
  });
}
