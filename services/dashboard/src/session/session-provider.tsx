import { useCallback, useMemo, useState, type ReactNode } from 'react';
import { endSession, readSession, writeSession, type Session } from './session.js';
import { SessionContext } from './session-context.js';
import { TokenPage } from './token-page.js';

/** Without a token there is nothing to show but how to get one. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [session, setSession] = useState(() => readSession(sessionStorage));
  const [wasRefused, setWasRefused] = useState(false);
  const begin = useCallback((next: Session) => {
    writeSession(sessionStorage, next);
    setWasRefused(false);
    setSession(next);
  }, []);
  const end = useCallback(() => {
    endSession(sessionStorage);
    setWasRefused(true);
    setSession(null);
  }, []);
  const control = useMemo(() => (session === null ? null : { session, begin, end }), [session, begin, end]);
  if (control === null) return <TokenPage wasRefused={wasRefused} onToken={(token, actor) => begin({ token, actor })} />;
  return <SessionContext value={control}>{children}</SessionContext>;
}
