import type { KeyEvent } from '@tutti/contracts';

interface Issued {
  readonly name: string;
  /** Null for no end. */
  readonly expiresAtMs: number | null;
  readonly usedAtMs: number | null;
}

export type KeyState =
  { readonly status: 'unknown' } | ({ readonly status: 'issued' } & Issued) | { readonly status: 'revoked'; readonly name: string };

export function keyStream(id: string): string {
  return `key-${id}`;
}

export const initialKey = (): KeyState => ({ status: 'unknown' });

export function evolveKey(state: KeyState, event: KeyEvent): KeyState {
  switch (event.type) {
    case 'ApiKeyCreated': {
      const { name, expiresAt } = event.data;
      return { status: 'issued', name, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt), usedAtMs: null };
    }
    case 'ApiKeyUsed':
      return state.status === 'issued' ? { ...state, usedAtMs: Date.parse(event.data.usedAt) } : state;
    case 'ApiKeyRevoked':
      return state.status === 'issued' ? { status: 'revoked', name: state.name } : state;
    default:
      return state;
  }
}
