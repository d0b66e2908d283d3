import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useMemo } from 'react';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { Http } from './api/http.js';
import { HttpContext } from './api/http-context.js';
import { ApiError } from './api/problem.js';
import { AgentsPage } from './features/agents/agents-page.js';
import { ApprovalPage } from './features/approvals/approval-page.js';
import { ApprovalsPage } from './features/approvals/approvals-page.js';
import { RunListPage } from './features/runs/list/run-list-page.js';
import { RunPage } from './features/runs/run/run-page.js';
import { StartRunPage } from './features/runs/start/start-run-page.js';
import { SchedulesPage } from './features/schedules/schedules-page.js';
import { WorkflowPage } from './features/workflows/workflow-page.js';
import { WorkflowsPage } from './features/workflows/workflows-page.js';
import { LiveProvider } from './live/live-provider.js';
import { SessionProvider } from './session/session-provider.js';
import { useSession } from './session/session-context.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';
import { cssVariables, theme } from './ui/theme.js';

const MOST_RETRIES = 2;
/** Lists are asked for again as events come; this is for read models that were behind them. */
const LISTS_AGAIN_EVERY_MS = 15_000;

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <SessionProvider>
        <Data />
      </SessionProvider>
    </MantineProvider>
  );
}

function Data() {
  const { session, end } = useSession();
  const http = useMemo(() => new Http(session), [session]);
  const client = useMemo(() => createQueryClient(end), [end]);
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

function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Navigate to="/runs" replace />} />
        <Route path="runs" element={<RunListPage />} />
        <Route path="runs/:id" element={<RunPage />} />
        <Route path="approvals" element={<ApprovalsPage />} />
        <Route path="approvals/:id" element={<ApprovalPage />} />
        <Route path="agents" element={<AgentsPage />} />
        <Route path="workflows" element={<WorkflowsPage />} />
        <Route path="workflows/:name" element={<WorkflowPage />} />
        <Route path="workflows/:name/start" element={<StartRunPage />} />
        <Route path="schedules" element={<SchedulesPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}

/** What the API refuses for good is not asked again. A token that does not hold ends the session. */
function createQueryClient(endSession: () => void): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchInterval: LISTS_AGAIN_EVERY_MS,
        retry: (failures, error) => {
          if (error instanceof ApiError && error.lacksToken) endSession();
          return failures < MOST_RETRIES && error instanceof ApiError && error.problem.retryable;
        },
      },
    },
  });
}
