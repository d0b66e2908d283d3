import { Accordion, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { ErrorText } from '../../../../ui/error-text.js';
import { counted } from '../../../../ui/format.js';
import { Status } from '../../../../ui/status.js';
import { Duration, Time } from '../../../../ui/time.js';
import { StoredView } from '../../../../ui/value-view.js';
import type { Attempt } from '../run-story.js';
import { Nothing } from './step-values.js';

const PAGE = 50;
const MANY = 8;
const KINDS = {
  all: () => true,
  open: ({ endedAt }: Attempt) => endedAt === undefined,
  failed: ({ status }: Attempt) => status === 'failed',
} as const;
type Kind = keyof typeof KINDS;

/** Newest first. */
export function AttemptList({ attempts }: { readonly attempts: readonly Attempt[] }) {
  const [kind, setKind] = useState<Kind>('all');
  const [shown, setShown] = useState(PAGE);
  if (attempts.length === 0) return <Nothing text="It has not been scheduled." />;
  const found = attempts.filter(KINDS[kind]).toReversed();
  return (
    <Stack gap="sm">
      {attempts.length > MANY && (
        <Group justify="space-between">
          <SegmentedControl
            size="xs"
            aria-label="Which attempts"
            value={kind}
            onChange={(value) => setKind(value)}
            data={[
              { value: 'all', label: 'All' },
              { value: 'open', label: 'Open' },
              { value: 'failed', label: 'Failed' },
            ]}
          />
          <Text size="xs" c="dimmed">
            {counted(found.length, 'attempt')}
          </Text>
        </Group>
      )}
      {found.length === 0 && <Nothing text="There are none of these." />}
      <Accordion variant="separated" multiple>
        {found.slice(0, shown).map((attempt) => (
          <Item key={`${attempt.task}#${attempt.attempt}`} attempt={attempt} />
        ))}
      </Accordion>
      {found.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown(shown + PAGE)} style={{ alignSelf: 'center' }}>
          Show more
        </Button>
      )}
    </Stack>
  );
}

function Item({ attempt }: { readonly attempt: Attempt }) {
  const who = attempt.agent === '' ? (attempt.kind === 'agent' ? 'no agent yet' : attempt.kind) : attempt.agent;
  return (
    <Accordion.Item value={`${attempt.task}#${attempt.attempt}`}>
      <Accordion.Control>
        <Group gap="2px 12px">
          <Status status={attempt.status} />
          <Text span size="sm" fw={600}>
            {attempt.task}
            {attempt.attempt > 1 ? `, attempt ${attempt.attempt}` : ''}
          </Text>
          <Text span size="xs" c="dimmed">
            {who} · <Duration from={attempt.startedAt ?? attempt.scheduledAt} to={attempt.endedAt} />
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="xs">
          {attempt.message !== '' && <ErrorText message={attempt.message} />}
          {attempt.retryAt !== undefined && (
            <Text size="sm" c="dimmed">
              The next attempt may start <Time at={attempt.retryAt} />.
            </Text>
          )}
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            Scheduled <Time at={attempt.scheduledAt} />
            {attempt.startedAt === undefined ? '' : <>, begun {<Time at={attempt.startedAt} />}</>}
            {attempt.worker === '' ? '' : `, worker ${attempt.worker}`}
          </Text>
          <StoredView value={attempt.input} label={`input of attempt ${attempt.attempt}`} />
          {attempt.output !== undefined && <StoredView value={attempt.output} label={`output of attempt ${attempt.attempt}`} />}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
