import { TuttiError, type Timers } from '@tutti/kernel';
import type { FetchText } from './issuer-keys.js';

/** By HTTP, without following redirects: the keys are at the address that was named, or nowhere. */
export function createFetchText(timers: Pick<Timers, 'after'>): FetchText {
  return async (url, limitMs) => {
    const abort = new AbortController();
    const cancel = timers.after(limitMs, () => abort.abort(new TuttiError('TIMED_OUT', `${url} did not answer within ${limitMs} ms`)));
    try {
      const response = await fetch(url, { redirect: 'error', signal: abort.signal, headers: { accept: 'application/json' } });
      if (response.status !== 200) throw new TuttiError('AGENT_FAILED', `${url} answers ${response.status}, expected 200`);
      return await response.text();
    } finally {
      cancel();
    }
  };
}
