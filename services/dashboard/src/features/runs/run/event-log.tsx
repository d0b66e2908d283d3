import { Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconFilterOff, IconSearch } from '@tabler/icons-react';
import { memo, useCallback, useState } from 'react';
import { useShortcuts } from '../../../keyboard/shortcuts.js';
import { MAX_EVENTS } from '../../../api/queries.js';
import type { EventView } from '@tutti/rest-contract';
import { EmptyState } from '../../../ui/empty-state.js';
import { exactTime } from '../../../ui/format.js';
import { JsonView } from '../../../ui/json-view.js';
import classes from '../../../ui/table.module.css';
import { eventSummary, matchesEvent } from './event-summary.js';

const STEP = 200;
const SEARCH_ID = 'event-search';

/** All that was recorded of the run, newest last, as it was recorded. */
export function EventLog({ events }: { readonly events: readonly EventView[] }) {
  const [text, setText] = useState('');
  const [type, setType] = useState<string | null>(null);
  const [shown, setShown] = useState(STEP);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const types = [...new Set(events.map((event) => event.type))].sort();
  const found = events.filter((event) => (type === null || event.type === type) && matchesEvent(event, text));
  useShortcuts({ '/': () => document.getElementById(SEARCH_ID)?.focus() });
  const toggle = useCallback(
    (id: string): void => setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id])),
    [],
  );
  return (
    <Stack gap="sm">
      <Group component="search" aria-label="Filter the events" gap={8}>
        <TextInput
          id={SEARCH_ID}
          size="xs"
          aria-label="Text"
          placeholder="Anything in an event"
          leftSection={<IconSearch size={15} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          flex="1 1 12rem"
          maw={420}
        />
        <Select
          size="xs"
          aria-label="Type"
          placeholder="Any type"
          clearable
          searchable
          clearButtonProps={{ 'aria-label': 'Any type', tabIndex: 0 }}
          data={types}
          value={type}
          onChange={setType}
          flex="1 1 12rem"
          maw={320}
        />
      </Group>
      <Text size="xs" c="dimmed" aria-live="polite">
        {found.length} of {events.length} events{events.length >= MAX_EVENTS ? `; a page shows the first ${MAX_EVENTS}` : ''}
      </Text>
      {found.length === 0 && events.length > 0 && (
        <EmptyState icon={IconFilterOff} title="No event matches">
          Change the text or the type to see other events.
        </EmptyState>
      )}
      {found.length > 0 && (
        <Table className={`${classes['table']} ${classes['cards']}`} aria-label="Events" verticalSpacing={3}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>#</Table.Th>
              <Table.Th>Time</Table.Th>
              <Table.Th>Type</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>Actor</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.slice(0, shown).map((event) => (
              <EventRows key={event.id} event={event} isOpen={open.has(event.id)} onToggle={toggle} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {found.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown(shown + STEP)} style={{ alignSelf: 'center' }}>
          Show {Math.min(STEP, found.length - shown)} more
        </Button>
      )}
    </Stack>
  );
}

interface EventRowsProps {
  readonly event: EventView;
  readonly isOpen: boolean;
  readonly onToggle: (id: string) => void;
}

const EventRows = memo(function EventRows({ event, isOpen, onToggle }: EventRowsProps) {
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <>
      <Table.Tr>
        <Table.Td data-narrow="hidden">
          <Text span size="xs" c="dimmed" ff="monospace">
            {event.revision}
          </Text>
        </Table.Td>
        <Table.Td data-cell="status">
          <Text component="time" dateTime={event.time} size="xs" ff="monospace" title={exactTime(event.time)}>
            {event.time.slice(11, 23)}
          </Text>
        </Table.Td>
        <Table.Td data-cell="name">
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<Chevron size={14} aria-hidden />}
            aria-expanded={isOpen}
            aria-label={`Event ${event.revision}, ${event.type}`}
            onClick={() => onToggle(event.id)}
          >
            {event.type}
          </Button>
        </Table.Td>
        <Table.Td data-cell="wide" style={{ overflowWrap: 'anywhere' }}>
          <Text span size="sm">
            {eventSummary(event)}
          </Text>
        </Table.Td>
        <Table.Td data-narrow="hidden">
          <Text span size="xs" c="dimmed">
            {event.metadata.actor}
          </Text>
        </Table.Td>
      </Table.Tr>
      {isOpen && (
        <Table.Tr>
          <Table.Td colSpan={5} data-cell="wide">
            <JsonView value={event} label={`event ${event.revision}`} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
});
