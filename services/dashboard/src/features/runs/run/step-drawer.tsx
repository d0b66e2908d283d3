import { Alert, Code, Drawer, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { hasEnded, resetRun, skipStep, type RunView, type StepView } from '@tutti/rest-contract';
import { IconPlayerSkipForward, IconRotate2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useRefusal } from '../../../session/use-may.js';
import { ActionButton } from '../../../ui/action-button.js';
import { CopyIcon } from '../../../ui/copy-text.js';
import { ErrorText } from '../../../ui/error-text.js';
import { Status } from '../../../ui/status.js';
import tabs from '../../../ui/tabs.module.css';
import { Duration, Time } from '../../../ui/time.js';
import { ResetDialog } from './actions/reset-dialog.js';
import { SkipDialog } from './actions/skip-dialog.js';
import { outputOf, stepStory, type RunStory } from './run-story.js';
import { AttemptList } from './step/attempt-list.js';
import { GateList } from './step/gate-list.js';
import { StepValues } from './step/step-values.js';
import { WhyPanel } from './step/why-panel.js';
import { Awaited, Children } from './step-table.js';

const SHOWN_CHILDREN = 100;
const VIEWS = ['values', 'attempts', 'gates', 'why'];

interface StepDrawerProps {
  readonly run: RunView;
  readonly step: StepView;
  readonly story: RunStory;
  readonly view: string;
  readonly onView: (view: string | null) => void;
  readonly onClose: () => void;
}

/** Everything about one step: what went in and came out, who tried, what its gates said, why it went where it went. */
export function StepDrawer({ run, step, story, view, onView, onClose }: StepDrawerProps) {
  const told = stepStory(story, step.id);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(720px, 100vw)"
      title={
        <Title order={2} size="h3" component="span" style={{ overflowWrap: 'anywhere' }}>
          {step.name === '' ? step.id : step.name}
        </Title>
      }
      closeButtonProps={{ 'aria-label': 'Close the step' }}
    >
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <Group gap="6px 14px">
            <Status status={step.status} />
            <Group gap={2} wrap="nowrap">
              <Code>{step.id}</Code>
              <CopyIcon value={step.id} label="the step’s id" />
            </Group>
            {step.startedAt !== undefined && (
              <Text span size="sm" c="dimmed">
                <Time at={step.startedAt} />, <Duration from={step.startedAt} to={step.endedAt} />
              </Text>
            )}
          </Group>
          <StepActions run={run} step={step} />
        </Group>
        {step.error !== undefined && (
          <Alert variant="outline" color="red" title={step.error.code}>
            <ErrorText message={step.error.message} />
          </Alert>
        )}
        <Awaited step={step} />
        {step.children.length > 0 && (
          <Stack gap={4}>
            <Title order={3} size="h5">
              Runs of its own
            </Title>
            <Children step={step} shown={SHOWN_CHILDREN} />
          </Stack>
        )}
        <Tabs value={VIEWS.includes(view) ? view : 'values'} onChange={onView} keepMounted={false}>
          <Tabs.List className={tabs['list'] ?? ''}>
            <Tabs.Tab value="values">Values</Tabs.Tab>
            <Tabs.Tab value="attempts">Attempts ({told.attempts.length})</Tabs.Tab>
            <Tabs.Tab value="gates">Gates ({told.gates.length})</Tabs.Tab>
            <Tabs.Tab value="why">Why</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="values" pt="md">
            <StepValues
              attempts={told.attempts}
              output={outputOf(told)}
              isEnded={hasEnded({ status: step.status })}
              isList={step.tasks > 1}
            />
          </Tabs.Panel>
          <Tabs.Panel value="attempts" pt="md">
            <AttemptList attempts={told.attempts} />
          </Tabs.Panel>
          <Tabs.Panel value="gates" pt="md">
            <GateList gates={told.gates} asked={story.asked.filter((one) => one.step === step.id)} />
          </Tabs.Panel>
          <Tabs.Panel value="why" pt="md">
            <WhyPanel runId={run.id} step={step.id} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Drawer>
  );
}

function StepActions({ run, step }: { readonly run: RunView; readonly step: StepView }) {
  const [open, setOpen] = useState<'skip' | 'reset' | null>(null);
  const [mayNotSkip, mayNotReset] = [useRefusal(skipStep), useRefusal(resetRun)];
  const canSkip = run.status !== 'succeeded' && run.status !== 'cancelled' && step.status === 'failed';
  const canReset = run.status !== 'cancelled' && hasEnded({ status: step.status }) && step.startedAt !== undefined;
  const close = (): void => setOpen(null);
  return (
    <Group gap={8}>
      {canSkip && (
        <ActionButton
          size="compact-sm"
          variant="default"
          refusal={mayNotSkip}
          leftSection={<IconPlayerSkipForward size={14} aria-hidden />}
          onClick={() => setOpen('skip')}
        >
          Skip
        </ActionButton>
      )}
      {canReset && (
        <ActionButton
          size="compact-sm"
          variant="default"
          refusal={mayNotReset}
          leftSection={<IconRotate2 size={14} aria-hidden />}
          onClick={() => setOpen('reset')}
        >
          Reset to here
        </ActionButton>
      )}
      {open === 'skip' && <SkipDialog runId={run.id} step={step.id} onClose={close} />}
      {open === 'reset' && <ResetDialog run={run} steps={[step.id]} onClose={close} />}
    </Group>
  );
}
