import { isTuttiError } from '@tutti/kernel';
import { ConnectionLostError } from './host-connection.js';
import { ASK_FOR_MS, type HostLink } from './host-link.js';

/** A host that is about to leave says so, and is gone soon after. */
const LEAVING_MS = 50;

/**
 * Asks again after a break, on the next connection, until there is an answer or there was no connection for {@link ASK_FOR_MS}: for what may be asked twice,
 * and cannot be sent again as it was because it names what belongs to one connection.
 */
export async function patiently<Answer>(link: HostLink, ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(await comesBack(link, error))) throw error;
    }
  }
}

/** Whether the error says no more than that a host is gone, and there is one again now. */
export async function comesBack(link: HostLink, error: unknown): Promise<boolean> {
  if (link.closed || link.status.status === 'refused') return false;
  const isLeaving = isTuttiError(error, 'SHUTTING_DOWN');
  if (!isLeaving && !(error instanceof ConnectionLostError)) return false;
  if (isLeaving) await new Promise<void>((resolve) => void link.runtime.timers.after(LEAVING_MS, resolve));
  return link.connected(ASK_FOR_MS);
}
