import { createContext, useContext } from 'react';
import type { Caller } from './session.js';

export interface SessionControl {
  /** Who is signed in; `actor` is the name that changes are made under. */
  readonly caller: Caller;
  /** Takes another name, where the credential stands for nobody in particular. */
  readonly actAs: (actor: string) => void;
  readonly signOut: () => Promise<void>;
  /** The gateway takes the session no longer. */
  readonly expire: () => void;
}

export const SessionContext = createContext<SessionControl | null>(null);

export function useSession(): SessionControl {
  const control = useContext(SessionContext);
  if (control === null) throw new Error('there is no session above this part of the page');
  return control;
}
