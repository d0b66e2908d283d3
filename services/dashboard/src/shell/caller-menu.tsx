import { ActionIcon, Button, Divider, Group, Popover, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconLogout, IconUser } from '@tabler/icons-react';
import { useState } from 'react';
import { ACTOR_PATTERN } from '../session/session.js';
import { useSession } from '../session/session-context.js';
import { ProblemAlert } from '../ui/problem-alert.js';
import { Time } from '../ui/time.js';

/** Who is signed in, what they may do, and the way out. */
export function CallerMenu() {
  const { caller, signOut } = useSession();
  const [isOpen, setIsOpen] = useState(false);
  const out = useMutation({ mutationFn: signOut });
  const title = `You act as ${caller.actor}`;
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={300} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label={title} disabled={isOpen}>
          <ActionIcon variant="default" size="lg" radius="xl" aria-label={title} onClick={() => setIsOpen((was) => !was)}>
            <IconUser size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Who is signed in">
        <Stack gap="sm">
          <div>
            <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
              {caller.actor}
            </Text>
            <Text size="xs" c="dimmed">
              {caller.role === '' ? `${caller.permissions.size} permissions` : `Role ${caller.role}`}, by {caller.credential.kind}
              {caller.expiresAt === undefined ? (
                ''
              ) : (
                <>
                  , ends <Time at={caller.expiresAt} />
                </>
              )}
            </Text>
          </div>
          {caller.mayActAsOthers && <NameForm onDone={() => setIsOpen(false)} />}
          <Divider />
          {out.isError && <ProblemAlert error={out.error} />}
          <Group justify="flex-end">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconLogout size={15} aria-hidden />}
              loading={out.isPending}
              onClick={() => out.mutate()}
            >
              Sign out
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Only for a credential that stands for nobody in particular: the name is its holder’s word. */
function NameForm({ onDone }: { readonly onDone: () => void }) {
  const { caller, actAs } = useSession();
  const [name, setName] = useState(caller.actor);
  const isName = ACTOR_PATTERN.test(name);
  return (
    <Stack
      component="form"
      gap="xs"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isName) return;
        actAs(name);
        onDone();
      }}
    >
      <TextInput
        label="You act as"
        size="xs"
        description="Recorded with what you change, and held against an approval’s list."
        value={name}
        error={isName ? null : 'A kind and a name, like user:ann'}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button type="submit" size="xs" variant="light" disabled={!isName || name === caller.actor}>
          Use this name
        </Button>
      </Group>
    </Stack>
  );
}
