import { Accordion, Alert, Button, Code, Drawer, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import tabs from '../../../ui/tabs.module.css';
import { IconPlayerSkipForward } from '@tabler/icons-react';
import { useState } from 'react';
import { hasEnded, type RunView, type StepView } from '../../../api/views.js';
import { words } from '../../../ui/format.js';
import { JsonView, StoredView } from '../../../ui/json-view.js';
import { Status } from '../../../ui/status.js';
import { Duration, Time } from '../../../ui/time.js';
import { outputOf, stepStory, type Attempt, type GateVerdict, type RunStory } from './run-story.js';
import { SkipDialog } from './skip-dialog.js';
import { Children } from './step-table.js';
import { WhyPanel } from './why-panel.js';

const SHOWN_ATTEMPTS = 100;

interface StepDrawerProps {
  readonly run: RunView;
  readonly step: StepView;
  readonly story: RunStory;
  readonly onClose: () => void;
}

/** Everything about one step: what went in and came out, who tried, what its gates said, why it went where it went. */
export function StepDrawer({ run, step, story, onClose }: StepDrawerProps) {
  const [isSkipping, setIsSkipping] = useState(false);
  const told = stepStory(story, step.id);
  const canSkip = run.status !== 'succeeded' && run.status !== 'cancelled' && step.status === 'failed';
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(760px, 100vw)"
      title={
        <Title order={2} size="h4" component="span">
          {step.name === '' ? step.id : step.name}
        </Title>
      }
      closeButtonProps={{ 'aria-label': 'Close the step' }}
    >
      <Stack gap="md">
        <Group justify="space-between">
          <Group gap="md">
            <Status status={step.status} />
            <Code>{step.id}</Code>
            {step.startedAt !== undefined && (
              <Text span size="sm" c="dimmed">
                <Time at={step.startedAt} />, <Duration from={step.startedAt} to={step.endedAt} />
              </Text>
            )}
          </Group>
          {canSkip && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconPlayerSkipForward size={16} aria-hidden />}
              onClick={() => setIsSkipping(true)}
            >
              Skip
            </Button>
          )}
        </Group>
        {step.error !== undefined && (
          <Alert variant="outline" color="red" title={step.error.code}>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {step.error.message}
            </Text>
          </Alert>
        )}
        {step.skipReason !== '' && <Text size="sm">{step.skipReason}</Text>}
        {step.children.length > 0 && (
          <Stack gap={4}>
            <Title order={3} size="h6">
              Runs of its own
            </Title>
            <Children step={step} />
          </Stack>
        )}
        <Tabs defaultValue="values" keepMounted={false}>
          <Tabs.List className={tabs['list'] ?? ''}>
            <Tabs.Tab value="values">Values</Tabs.Tab>
            <Tabs.Tab value="attempts">Attempts ({told.attempts.length})</Tabs.Tab>
            <Tabs.Tab value="gates">Gates ({told.gates.length})</Tabs.Tab>
            <Tabs.Tab value="why">Why</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="values" pt="md">
            <Values attempts={told.attempts} output={outputOf(told)} isEnded={hasEnded(step.status)} />
          </Tabs.Panel>
          <Tabs.Panel value="attempts" pt="md">
            <Attempts attempts={told.attempts} />
          </Tabs.Panel>
          <Tabs.Panel value="gates" pt="md">
            <Gates gates={told.gates} />
          </Tabs.Panel>
          <Tabs.Panel value="why" pt="md">
            <WhyPanel runId={run.id} step={step.id} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      {isSkipping && <SkipDialog runId={run.id} step={step.id} onClose={() => setIsSkipping(false)} />}
    </Drawer>
  );
}

function Values({
  attempts,
  output,
  isEnded,
}: {
  readonly attempts: readonly Attempt[];
  readonly output: unknown;
  readonly isEnded: boolean;
}) {
  const input = attempts.at(-1)?.input;
  return (
    <Stack gap="sm">
      <Title order={3} size="h6">
        Input
      </Title>
      {input === undefined ? <Nothing text="It has not been scheduled." /> : <StoredView value={input} label="input of the step" />}
      <Title order={3} size="h6">
        Output
      </Title>
      {output === undefined ? (
        <Nothing text={isEnded ? 'It ended without an output.' : 'There is an output when it has succeeded.'} />
      ) : (
        <StoredView value={output} label="output of the step" />
      )}
    </Stack>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  if (attempts.length === 0) return <Nothing text="It has not been scheduled." />;
  return (
    <Accordion variant="separated" multiple>
      {attempts.slice(-SHOWN_ATTEMPTS).map((attempt) => (
        <Accordion.Item key={`${attempt.task}#${attempt.attempt}`} value={`${attempt.task}#${attempt.attempt}`}>
          <Accordion.Control>
            <Group gap="sm">
              <Status status={attempt.status} />
              <Text span size="sm" fw={600}>
                {attempt.task}, attempt {attempt.attempt}
              </Text>
              <Text span size="sm" c="dimmed">
                {attempt.agent === '' ? (attempt.kind === 'agent' ? 'no agent yet' : attempt.kind) : attempt.agent} ·{' '}
                <Duration from={attempt.startedAt ?? attempt.scheduledAt} to={attempt.endedAt} />
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <Stack gap="xs">
              {attempt.message !== '' && (
                <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {attempt.message}
                </Text>
              )}
              {attempt.retryAt !== undefined && (
                <Text size="sm" c="dimmed">
                  The next attempt may start <Time at={attempt.retryAt} />.
                </Text>
              )}
              <Text size="sm" c="dimmed">
                Scheduled <Time at={attempt.scheduledAt} />
                {attempt.worker === '' ? '' : `, worker ${attempt.worker}`}
              </Text>
              <StoredView value={attempt.input} label={`input of attempt ${attempt.attempt}`} />
              {attempt.output !== undefined && <StoredView value={attempt.output} label={`output of attempt ${attempt.attempt}`} />}
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function Gates({ gates }: { readonly gates: readonly GateVerdict[] }) {
  if (gates.length === 0) return <Nothing text="No gate has been evaluated." />;
  return (
    <Stack gap="md">
      {gates.map((gate) => (
        <Stack key={`${gate.gate} ${gate.at}`} gap={6}>
          <Group gap="sm">
            <Status status={gate.passed ? 'succeeded' : 'failed'} label={gate.passed ? 'Passed' : 'Failed'} />
            <Text span size="sm" fw={600}>
              {gate.gate}
            </Text>
            <Text span size="sm" c="dimmed">
              {gate.type}, <Time at={gate.at} />
              {gate.passed ? '' : `, then ${words(gate.action).toLowerCase()}`}
            </Text>
          </Group>
          {gate.message !== '' && <Text size="sm">{gate.message}</Text>}
          <JsonView value={gate.evidence} label={`evidence of ${gate.gate}`} />
        </Stack>
      ))}
    </Stack>
  );
}

function Nothing({ text }: { readonly text: string }) {
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}
