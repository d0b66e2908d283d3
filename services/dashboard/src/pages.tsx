import { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { NotFoundPage } from './shell/not-found-page.js';
import { Shell } from './shell/shell.js';

// Each page is loaded when it is first opened.
const RunListPage = lazy(() => import('./features/runs/list/run-list-page.js').then((of) => ({ default: of.RunListPage })));
const RunPage = lazy(() => import('./features/runs/run/run-page.js').then((of) => ({ default: of.RunPage })));
const StartRunPage = lazy(() => import('./features/runs/start/start-run-page.js').then((of) => ({ default: of.StartRunPage })));
const ApprovalsPage = lazy(() => import('./features/approvals/approvals-page.js').then((of) => ({ default: of.ApprovalsPage })));
const ApprovalPage = lazy(() => import('./features/approvals/approval-page.js').then((of) => ({ default: of.ApprovalPage })));
const AgentsPage = lazy(() => import('./features/agents/agents-page.js').then((of) => ({ default: of.AgentsPage })));
const WorkflowsPage = lazy(() => import('./features/workflows/workflows-page.js').then((of) => ({ default: of.WorkflowsPage })));
const WorkflowPage = lazy(() => import('./features/workflows/workflow-page.js').then((of) => ({ default: of.WorkflowPage })));
const SchedulesPage = lazy(() => import('./features/schedules/schedules-page.js').then((of) => ({ default: of.SchedulesPage })));
const NotificationsPage = lazy(() =>
  import('./features/notifications/notifications-page.js').then((of) => ({ default: of.NotificationsPage })),
);
const DeadLettersPage = lazy(() => import('./features/dead-letters/dead-letters-page.js').then((of) => ({ default: of.DeadLettersPage })));

/** Every address of the page. The gateway serves it at these, too. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Navigate to="/runs" replace />} />
        <Route path="runs" element={<RunListPage />} />
        <Route path="runs/:id" element={<RunPage />} />
        <Route path="approvals" element={<ApprovalsPage />} />
        <Route path="approvals/:id" element={<ApprovalPage />} />
        <Route path="workflows" element={<WorkflowsPage />} />
        <Route path="workflows/:name" element={<WorkflowPage />} />
        <Route path="workflows/:name/start" element={<StartRunPage />} />
        <Route path="schedules" element={<SchedulesPage />} />
        <Route path="agents" element={<AgentsPage />} />
        <Route path="notifications" element={<NotificationsPage />} />
        <Route path="dead-letters" element={<DeadLettersPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
