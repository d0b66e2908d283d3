import type { SessionEvent } from '@tutti/contracts';

export type SessionState =
  { readonly status: 'unknown' } | { readonly status: 'open'; readonly usedAtMs: number } | { readonly status: 'ended' };

export function sessionStream(id: string): string {
  return `session-${id}`;
}

export const initialSession = (): SessionState => ({ status: 'unknown' });

export function evolveSession(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'SessionStarted':
      return { status: 'open', usedAtMs: 0 };
    case 'SessionUsed':
      return state.status === 'open' ? { status: 'open', usedAtMs: Date.parse(event.data.usedAt) } : state;
    case 'SessionEnded':
      return { status: 'ended' };
    default:
      return state;
  }
}
