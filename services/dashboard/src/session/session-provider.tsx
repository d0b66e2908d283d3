import { endSession, getCaller, startSession } from '@tutti/rest-contract';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Http } from '../api/http.js';
import { ApiError } from '../api/problem.js';
import { StartScreen } from './start-screen.js';
import { callerOf, keepActor, keptActor, type Caller } from './session.js';
import { SessionContext } from './session-context.js';
import { SignInPage } from './sign-in-page.js';

type State =
  | { readonly status: 'asking' }
  | { readonly status: 'signed-out'; readonly why: 'none' | 'over' | 'out'; readonly error?: unknown }
  | { readonly status: 'signed-in'; readonly caller: Caller };

const http = new Http();

interface SessionProviderProps {
  /** What the address carried: it is given for a session, once. */
  readonly token: string | null;
  readonly children: ReactNode;
}

/** The pages for whoever is signed in; for anybody else the sign-in, at the address where they are. */
export function SessionProvider({ token, children }: SessionProviderProps) {
  const [state, setState] = useState<State>({ status: 'asking' });
  const [actor, setActor] = useState(() => keptActor(localStorage));

  const signIn = useCallback(async (bearer: string): Promise<void> => {
    const { caller } = await http.ask(startSession, { bearer, body: {} });
    setState({ status: 'signed-in', caller: callerOf(caller) });
  }, []);

  useEffect(() => {
    let isCurrent = true;
    const asked = token === null ? http.ask(getCaller) : http.ask(startSession, { bearer: token, body: {} });
    asked.then(
      ({ caller }) => isCurrent && setState({ status: 'signed-in', caller: callerOf(caller) }),
      (error: unknown) => {
        const isNone = token === null && error instanceof ApiError && error.isUnauthenticated;
        if (isCurrent) setState({ status: 'signed-out', why: 'none', ...(isNone ? {} : { error }) });
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [token]);

  const caller = state.status === 'signed-in' ? state.caller : null;
  const control = useMemo(() => {
    if (caller === null) return null;
    return {
      caller: { ...caller, actor: caller.mayActAsOthers ? (actor ?? caller.actor) : caller.actor },
      actAs: (name: string) => {
        keepActor(localStorage, name);
        setActor(name);
      },
      signOut: async () => {
        await http.ask(endSession);
        setState({ status: 'signed-out', why: 'out' });
      },
      expire: () => setState({ status: 'signed-out', why: 'over' }),
    };
  }, [caller, actor]);

  if (control !== null) return <SessionContext value={control}>{children}</SessionContext>;
  if (state.status === 'signed-out') return <SignInPage why={state.why} error={state.error} onSignIn={signIn} />;
  return <StartScreen />;
}
