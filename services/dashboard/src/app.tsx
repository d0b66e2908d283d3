import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useMemo } from 'react';
import { BrowserRouter } from 'react-router';
import { Http } from './api/http.js';
import { HttpContext } from './api/http-context.js';
import { ApiError } from './api/problem.js';
import { LiveProvider } from './live/live-provider.js';
import { Pages } from './pages.js';
import { SessionProvider } from './session/session-provider.js';
import { useSession } from './session/session-context.js';
import { styleNonce } from './system/style-nonce.js';
import { cssVariables, theme } from './ui/theme.js';

const MOST_RETRIES = 2;
/** Lists are asked for again as events come; this is for read models that were behind them. */
const LISTS_AGAIN_EVERY_MS = 15_000;

/** For what is asked before anybody is signed in. */
const outside = new QueryClient();

export function App({ token }: { readonly token: string | null }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={outside}>
        <SessionProvider token={token}>
          <Inside />
        </SessionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** What one caller has read is thrown away with their session. */
function Inside() {
  const { caller, expire } = useSession();
  const { actor, mayActAsOthers } = caller;
  const http = useMemo(
    () => new Http({ actor: mayActAsOthers ? actor : null, onUnauthenticated: expire }),
    [actor, mayActAsOthers, expire],
  );
  const client = useMemo(() => createQueryClient(), []);
  return (
    <HttpContext value={http}>
      <QueryClientProvider client={client}>
        <LiveProvider>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
        </LiveProvider>
      </QueryClientProvider>
    </HttpContext>
  );
}

/** What the API refuses for good is not asked again. */
function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchInterval: LISTS_AGAIN_EVERY_MS,
        retry: (failures, error) => failures < MOST_RETRIES && error instanceof ApiError && error.problem.retryable,
      },
    },
  });
}
