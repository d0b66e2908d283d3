import { Alert, Anchor, Breadcrumbs, Code, Group, Stack, Text } from '@mantine/core';
import type { RunView } from '@tutti/rest-contract';
import { IconAlertTriangle, IconHandStop, IconPlayerPause } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Id } from '../../../ui/copy-text.js';
import { ErrorText } from '../../../ui/error-text.js';
import { Status } from '../../../ui/status.js';
import { Duration, Time } from '../../../ui/time.js';
import { Labels } from '../list/run-table.js';

/** From the list to this run, over the runs that it belongs to. */
export function RunTrail({ run }: { readonly run: RunView }) {
  const isDeep = run.rootRunId !== '' && run.rootRunId !== run.id && run.rootRunId !== run.parent?.runId;
  return (
    <nav aria-label="Where this run belongs">
      <Breadcrumbs separator="/" separatorMargin={6} fz="sm" mb={4}>
        <Anchor component={Link} to="/runs" inherit>
          Runs
        </Anchor>
        {isDeep && (
          <Anchor component={Link} to={`/runs/${encodeURIComponent(run.rootRunId)}`} inherit>
            first run
          </Anchor>
        )}
        {run.parent !== undefined && (
          <Anchor
            component={Link}
            to={`/runs/${encodeURIComponent(run.parent.runId)}?step=${encodeURIComponent(run.parent.task.replace(/[[#].*$/, ''))}`}
            inherit
          >
            run above, task {run.parent.task}
          </Anchor>
        )}
      </Breadcrumbs>
    </nav>
  );
}

export function RunFacts({ run }: { readonly run: RunView }) {
  return (
    <Stack gap={4}>
      <Group gap="6px 14px">
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
      <Group gap="4px 10px">
        <Id id={run.id} label="the run’s id" />
        <Labels labels={run.labels} />
      </Group>
    </Stack>
  );
}

/** What the reader should know before anything else. */
export function RunNotes({ run }: { readonly run: RunView }) {
  const asking = run.steps.filter(({ status }) => status === 'awaiting-approval');
  return (
    <>
      {run.error !== undefined && (
        <Alert
          variant="outline"
          color="red"
          icon={<IconAlertTriangle aria-hidden />}
          title={run.error.step === '' ? 'The run failed' : `Step ${run.error.step} failed`}
        >
          <ErrorText message={run.error.message} />
          <Group gap={8} mt={6}>
            <Code>{run.error.code}</Code>
            {run.error.step !== '' && (
              <Anchor component={Link} to={`?step=${encodeURIComponent(run.error.step)}&view=attempts`} size="sm" underline="always">
                Open its attempts
              </Anchor>
            )}
          </Group>
        </Alert>
      )}
      {run.status === 'paused' && run.pause !== undefined && (
        <Alert variant="outline" color="orange" icon={<IconPlayerPause aria-hidden />} title={`Paused by ${run.pause.pausedBy}`}>
          <Text size="sm">
            <Time at={run.pause.pausedAt} />
            {run.pause.reason === '' ? '' : `: ${run.pause.reason}`}. Nothing new is begun until it is resumed.
          </Text>
        </Alert>
      )}
      {asking.length > 0 && (
        <Alert variant="outline" color="grape" icon={<IconHandStop aria-hidden />} title="Somebody has to decide">
          <Anchor component={Link} to={`/approvals?run=${encodeURIComponent(run.id)}`} size="sm" underline="always">
            {asking.map(({ id, name }) => (name === '' ? id : name)).join(', ')}: open the approvals
          </Anchor>
        </Alert>
      )}
    </>
  );
}
