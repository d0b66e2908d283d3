import { Stack, Tabs } from '@mantine/core';
import { hasEnded } from '@tutti/rest-contract';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useHttp } from '../../../api/http-context.js';
import { queries } from '../../../api/queries.js';
import { useRowKeys, useShortcuts } from '../../../keyboard/shortcuts.js';
import { useRunEvents } from '../../../live/use-run-events.js';
import { LoadState } from '../../../ui/load-state.js';
import { PageHeader } from '../../../ui/page-header.js';
import tabs from '../../../ui/tabs.module.css';
import { RunActions } from './actions/run-actions.js';
import { EventLog } from './event-log.js';
import { RunFacts, RunNotes, RunTrail } from './run-facts.js';
import { RunGraph } from './run-graph.js';
import { RunInputs } from './run-inputs.js';
import { storyOf } from './run-story.js';
import { StepDrawer } from './step-drawer.js';
import { StepTable } from './step-table.js';
import { TimelineView } from './timeline-view.js';

const TABS = ['steps', 'timeline', 'events', 'values'] as const;

/** Tab, step and what is shown of the step stand in the address. */
export function RunPage() {
  const { id = '' } = useParams();
  const [parameters, setParameters] = useSearchParams();
  const navigate = useNavigate();
  const answer = useQuery(queries.run(useHttp(), id));
  const events = useRunEvents(id, answer.data !== undefined);
  const story = useMemo(() => storyOf(events.data ?? []), [events.data]);
  const asked = useMemo(() => [...story.attempts, ...story.asked].sort((a, b) => (a.scheduledAt < b.scheduledAt ? -1 : 1)), [story]);
  const run = answer.data;
  const set = useCallback(
    (changed: Readonly<Record<string, string | null>>, replace = false): void =>
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changed)) {
            if (value === null) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace },
      ),
    [setParameters],
  );
  const openStep = useCallback((step: string) => set({ step, view: null }), [set]);
  const show = useCallback((tab: string | null) => set({ tab: tab === 'steps' ? null : tab }, true), [set]);
  useRowKeys('[data-row]');
  useShortcuts({
    ...Object.fromEntries(TABS.map((tab, index) => [String(index + 1), () => show(tab)])),
    u: () => void navigate(run?.parent === undefined ? '/runs' : `/runs/${encodeURIComponent(run.parent.runId)}`),
  });
  if (run === undefined) {
    return (
      <>
        <PageHeader title="Run" />
        <LoadState of={answer} lines={10} />
      </>
    );
  }
  const wanted = parameters.get('tab') ?? 'steps';
  const tab = TABS.find((one) => one === wanted) ?? 'steps';
  const step = run.steps.find((one) => one.id === parameters.get('step'));
  return (
    <>
      <PageHeader title={run.workflow} above={<RunTrail run={run} />} below={<RunFacts run={run} />} actions={<RunActions run={run} />} />
      <Stack gap="md">
        <RunNotes run={run} />
        {events.error !== null && <LoadState of={events} />}
        <Tabs value={tab} onChange={show} keepMounted={false}>
          <Tabs.List className={tabs['list'] ?? ''}>
            <Tabs.Tab value="steps">Steps</Tabs.Tab>
            <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
            <Tabs.Tab value="events">Events</Tabs.Tab>
            <Tabs.Tab value="values">Values</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="steps" pt="sm">
            <Stack gap="md">
              <RunGraph steps={run.steps} onOpen={openStep} />
              <StepTable steps={run.steps} onOpen={openStep} />
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="timeline" pt="sm">
            <TimelineView attempts={asked} isOpen={!hasEnded(run)} onOpen={openStep} />
          </Tabs.Panel>
          <Tabs.Panel value="events" pt="sm">
            <EventLog events={events.data ?? []} />
          </Tabs.Panel>
          <Tabs.Panel value="values" pt="sm">
            <RunInputs run={run} story={story} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      {step !== undefined && (
        <StepDrawer
          run={run}
          step={step}
          story={story}
          view={parameters.get('view') ?? 'values'}
          onView={(view) => set({ view: view === 'values' ? null : view }, true)}
          onClose={() => set({ step: null, view: null })}
        />
      )}
    </>
  );
}
