/**
 * Who uses the page: the installation's token and the name that changes are made under. Kept for the tab's session and nowhere else. Whatever comes instead of
 * the one token is to come in here.
 */
export interface Session {
  readonly token: string;
  /** Like `user:ann`; recorded with every change and held against the list of approvers. */
  readonly actor: string;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

interface Address {
  readonly hash: string;
  readonly pathname: string;
  readonly search: string;
}

const TOKEN_KEY = 'tutti.token';
const ACTOR_KEY = 'tutti.actor';
export const DEFAULT_ACTOR = 'user:local';
export const TOKEN_PATTERN = /^[A-Za-z0-9._~-]{16,200}$/;
export const ACTOR_PATTERN = /^(?:demo|[a-z]+:[\w.@-]{1,100})$/;

/** The token that the address carries, as `tutti up` prints it; null for none. */
export function tokenIn({ hash }: Pick<Address, 'hash'>): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token !== null && TOKEN_PATTERN.test(token) ? token : null;
}

/** Takes the token out of the address into the session, so that neither history nor a copied link has it. */
export function takeToken(address: Address, store: Store, replaceAddress: (to: string) => void): void {
  if (!address.hash.includes('token=')) return;
  const token = tokenIn(address);
  if (token !== null) store.setItem(TOKEN_KEY, token);
  replaceAddress(`${address.pathname}${address.search}`);
}

export function readSession(store: Store): Session | null {
  const token = store.getItem(TOKEN_KEY);
  return token === null ? null : { token, actor: store.getItem(ACTOR_KEY) ?? DEFAULT_ACTOR };
}

export function writeSession(store: Store, { token, actor }: Session): void {
  store.setItem(TOKEN_KEY, token);
  store.setItem(ACTOR_KEY, actor);
}

export function endSession(store: Store): void {
  store.removeItem(TOKEN_KEY);
}
