import { Alert, Anchor, Code, Group, Stack, Tabs, Text } from '@mantine/core';
import tabs from '../../../ui/tabs.module.css';
import { IconHandStop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { useHttp } from '../../../api/http-context.js';
import { queries } from '../../../api/queries.js';
import type { RunView } from '../../../api/views.js';
import { useRunEvents } from '../../../live/use-run-events.js';
import { LoadState } from '../../../ui/load-state.js';
import { PageHeader } from '../../../ui/page-header.js';
import { Status } from '../../../ui/status.js';
import { Duration, Time } from '../../../ui/time.js';
import { Labels } from '../list/run-table.js';
import { EventLog } from './event-log.js';
import { RunActions } from './run-actions.js';
import { RunGraph } from './run-graph.js';
import { RunInputs } from './run-inputs.js';
import { storyOf } from './run-story.js';
import { StepDrawer } from './step-drawer.js';
import { StepTable } from './step-table.js';
import { TimelineView } from './timeline-view.js';

const TABS = ['steps', 'timeline', 'events', 'values'];

export function RunPage() {
  const { id = '' } = useParams();
  const [parameters, setParameters] = useSearchParams();
  const answer = useQuery(queries.run(useHttp(), id));
  const events = useRunEvents(id, answer.data !== undefined);
  const story = useMemo(() => storyOf(events.data ?? []), [events.data]);
  const run = answer.data;
  const set = useCallback(
    (name: string, value: string | null): void =>
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === null) next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: name === 'tab' },
      ),
    [setParameters],
  );
  const openStep = useCallback((step: string) => set('step', step), [set]);
  if (run === undefined) {
    return (
      <>
        <PageHeader title="Run" />
        <LoadState of={answer} />
      </>
    );
  }
  const tab = parameters.get('tab') ?? 'steps';
  const step = run.steps.find((one) => one.id === parameters.get('step'));
  return (
    <>
      <PageHeader title={run.workflow} above={<Trail run={run} />} below={<Facts run={run} />} actions={<RunActions run={run} />} />
      <Stack gap="lg">
        <Notes run={run} />
        {events.error !== null && <LoadState of={events} />}
        <RunGraph steps={run.steps} onOpen={openStep} />
        <Tabs value={TABS.includes(tab) ? tab : 'steps'} onChange={(value) => set('tab', value)} keepMounted={false}>
          <Tabs.List className={tabs['list'] ?? ''}>
            <Tabs.Tab value="steps">Steps</Tabs.Tab>
            <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
            <Tabs.Tab value="events">Events</Tabs.Tab>
            <Tabs.Tab value="values">Values</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="steps" pt="md">
            <StepTable steps={run.steps} onOpen={openStep} />
          </Tabs.Panel>
          <Tabs.Panel value="timeline" pt="md">
            <TimelineView attempts={story.attempts} onOpen={openStep} />
          </Tabs.Panel>
          <Tabs.Panel value="events" pt="md">
            <EventLog events={events.data ?? []} />
          </Tabs.Panel>
          <Tabs.Panel value="values" pt="md">
            <RunInputs run={run} story={story} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      {step !== undefined && <StepDrawer run={run} step={step} story={story} onClose={() => set('step', null)} />}
    </>
  );
}

function Trail({ run }: { readonly run: RunView }) {
  return (
    <Text component="nav" size="sm" mb={4} aria-label="Where this run belongs">
      <Anchor component={Link} to="/runs">
        Runs
      </Anchor>
      {run.rootRunId !== '' && run.rootRunId !== run.id && run.rootRunId !== run.parent?.runId && (
        <>
          {' / '}
          <Anchor component={Link} to={`/runs/${encodeURIComponent(run.rootRunId)}`}>
            first run
          </Anchor>
        </>
      )}
      {run.parent !== undefined && (
        <>
          {' / '}
          <Anchor component={Link} to={`/runs/${encodeURIComponent(run.parent.runId)}`}>
            run above, task {run.parent.task}
          </Anchor>
        </>
      )}
    </Text>
  );
}

function Facts({ run }: { readonly run: RunView }) {
  return (
    <Stack gap={6}>
      <Group gap="sm">
        <Status status={run.status} />
        <Anchor component={Link} to={`/workflows/${encodeURIComponent(run.workflow)}?version=${run.workflowVersion}`} size="sm">
          version {run.workflowVersion}
        </Anchor>
        {run.block !== '' && <span>group {run.block}</span>}
        <span>
          started <Time at={run.startedAt} /> by {run.startedBy}
        </span>
        <span>
          {run.endedAt === undefined ? 'for' : 'took'} <Duration from={run.startedAt} to={run.endedAt} />
        </span>
      </Group>
      <Group gap="sm">
        <Text span size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }} data-run-id>
          {run.id}
        </Text>
        <Labels labels={run.labels} />
      </Group>
    </Stack>
  );
}

/** What the reader should know before anything else. */
function Notes({ run }: { readonly run: RunView }) {
  const asking = run.steps.filter(({ status }) => status === 'awaiting-approval');
  return (
    <>
      {run.error !== undefined && (
        <Alert variant="outline" color="red" title={run.error.step === '' ? 'The run failed' : `Step ${run.error.step} failed`}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {run.error.message}
          </Text>
          <Code>{run.error.code}</Code>
        </Alert>
      )}
      {run.status === 'paused' && run.pause !== undefined && (
        <Alert variant="outline" color="orange" title={`Paused by ${run.pause.pausedBy}`}>
          <Text size="sm">
            <Time at={run.pause.pausedAt} />
            {run.pause.reason === '' ? '' : `: ${run.pause.reason}`}. Nothing new is begun until it is resumed.
          </Text>
        </Alert>
      )}
      {asking.length > 0 && (
        <Alert variant="outline" color="grape" icon={<IconHandStop aria-hidden />} title="Somebody has to decide">
          <Anchor component={Link} to="/approvals" size="sm" underline="always">
            {asking.map(({ id, name }) => (name === '' ? id : name)).join(', ')}: open the approvals
          </Anchor>
        </Alert>
      )}
    </>
  );
}
