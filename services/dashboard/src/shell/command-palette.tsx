import { Group, Modal, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowsSplit2, IconPlayerPlay, IconProgress, IconSearch, type Icon } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { useHttp } from '../api/http-context.js';
import { queries } from '../api/queries.js';
import { shortId, words } from '../ui/format.js';
import classes from './command-palette.module.css';
import { PLACES } from './places.js';

interface Target {
  readonly to: string;
  readonly label: string;
  readonly hint: string;
  readonly icon: Icon;
}

const SHOWN = 12;
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27,}\S*$/;

/** Goes anywhere by a few letters: pages, workflows, starts, the newest runs, any run by its id. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const http = useHttp();
  const navigate = useNavigate();
  const workflows = useQuery(queries.workflows(http));
  const runs = useInfiniteQuery(queries.runs(http, {}));
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const targets = [
    ...PLACES.map(({ to, label, icon }): Target => ({ to, label, icon, hint: 'page' })),
    ...(workflows.data ?? []).flatMap(({ name }): readonly Target[] => {
      const to = `/workflows/${encodeURIComponent(name)}`;
      return [
        { to, label: name, hint: 'workflow', icon: IconArrowsSplit2 },
        { to: `${to}/start`, label: `Start ${name}`, hint: 'start a run', icon: IconPlayerPlay },
      ];
    }),
    ...(runs.data?.pages[0]?.runs ?? []).map((run): Target => {
      const hint = `${words(run.status).toLowerCase()} ${shortId(run.id)}`;
      return { to: `/runs/${encodeURIComponent(run.id)}`, label: run.workflow, hint, icon: IconProgress };
    }),
  ];
  const wanted = text.trim().toLowerCase();
  const byId: readonly Target[] = RUN_ID.test(wanted)
    ? [{ to: `/runs/${encodeURIComponent(text.trim())}`, label: 'Open the run', hint: text.trim(), icon: IconProgress }]
    : [];
  const found = [...byId, ...targets.filter(({ label, hint, to }) => `${label} ${hint} ${to}`.toLowerCase().includes(wanted))].slice(
    0,
    SHOWN,
  );
  const chosen = Math.min(at, found.length - 1);
  const go = (target: Target | undefined): void => {
    if (target === undefined) return;
    onClose();
    void navigate(target.to);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, chosen + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, chosen - 1));
    else if (event.key === 'Enter') go(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={onClose} withCloseButton={false} padding={0} yOffset="12vh" size={560} aria-label="Go to">
      <TextInput
        size="md"
        variant="unstyled"
        px="md"
        py={6}
        placeholder="Go to a page, a workflow, a run"
        aria-label="Go to"
        role="combobox"
        aria-expanded
        aria-controls="palette"
        aria-activedescendant={found.length === 0 ? undefined : `palette-${chosen}`}
        leftSection={<IconSearch size={18} aria-hidden />}
        data-autofocus
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <div role="listbox" id="palette" aria-label="Where to" className={classes['list']}>
        {found.map((target, index) => (
          <UnstyledButton
            key={`${target.to} ${target.label}`}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            tabIndex={-1}
            className={classes['option'] ?? ''}
            onMouseMove={() => setAt(index)}
            onClick={() => go(target)}
          >
            <Group gap="sm" wrap="nowrap">
              <target.icon size={16} stroke={1.7} aria-hidden />
              <Text size="sm" fw={550} truncate>
                {target.label}
              </Text>
              <Text size="xs" c="dimmed" ml="auto" truncate maw="50%">
                {target.hint}
              </Text>
            </Group>
          </UnstyledButton>
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p="md">
            Nothing has this name. A whole run id opens any run.
          </Text>
        )}
      </div>
    </Modal>
  );
}
