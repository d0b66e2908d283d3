import { createContext, useContext } from 'react';
import type { Session } from './session.js';

export interface SessionControl {
  readonly session: Session;
  readonly begin: (session: Session) => void;
  readonly end: () => void;
}

export const SessionContext = createContext<SessionControl | null>(null);

export function useSession(): SessionControl {
  const control = useContext(SessionContext);
  if (control === null) throw new Error('there is no session above this part of the page');
  return control;
}
