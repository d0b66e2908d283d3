import type { CallerView } from '@tutti/rest-contract';

/** Who is signed in, by the cookie that no script can read. */
export interface Caller extends Omit<CallerView, 'permissions'> {
  readonly permissions: ReadonlySet<string>;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

interface Address {
  readonly hash: string;
  readonly pathname: string;
  readonly search: string;
}

const ACTOR_KEY = 'tutti.actor';
export const SECRET_PATTERN = /^[\x21-\x7e]{16,8192}$/;
export const ACTOR_PATTERN = /^(?:demo|[a-z]+:[\w.@-]{1,100})$/;

/** The token that the address carries, as `tutti up` prints it; null for none. */
export function tokenIn({ hash }: Pick<Address, 'hash'>): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token !== null && SECRET_PATTERN.test(token) ? token : null;
}

/** Takes the token out of the address, so that neither history nor a copied link has it. */
export function takeToken(address: Address, replaceAddress: (to: string) => void): string | null {
  if (!address.hash.includes('token=')) return null;
  // An address of the browser changes with what replaces it.
  const token = tokenIn(address);
  replaceAddress(`${address.pathname}${address.search}`);
  return token;
}

/** The name that somebody chose in this browser, for a credential that may act as others. It is no secret. */
export function keptActor(store: Store): string | null {
  const actor = store.getItem(ACTOR_KEY);
  return actor !== null && ACTOR_PATTERN.test(actor) ? actor : null;
}

export function keepActor(store: Store, actor: string | null): void {
  if (actor === null) store.removeItem(ACTOR_KEY);
  else store.setItem(ACTOR_KEY, actor);
}

export function callerOf({ permissions, ...view }: CallerView): Caller {
  return { ...view, permissions: new Set(permissions) };
}
