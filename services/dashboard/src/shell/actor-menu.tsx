import { Button, Popover, Stack, Text, TextInput } from '@mantine/core';
import { IconUser } from '@tabler/icons-react';
import { useState } from 'react';
import { ACTOR_PATTERN } from '../session/session.js';
import { useSession } from '../session/session-context.js';

/** Under which name changes are recorded. With one token for all, it is the user's word. */
export function ActorMenu() {
  const { session, begin } = useSession();
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState(session.actor);
  const isName = ACTOR_PATTERN.test(name);
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={280} withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          px="xs"
          leftSection={<IconUser size={16} aria-hidden />}
          aria-label={`You act as ${session.actor}`}
          onClick={() => setIsOpen((was) => !was)}
        >
          <Text span size="sm" maw={{ base: 84, sm: 200 }} truncate>
            {session.actor}
          </Text>
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Your name">
        <Stack
          component="form"
          gap="sm"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isName) return;
            begin({ ...session, actor: name });
            setIsOpen(false);
          }}
        >
          <TextInput
            label="You act as"
            description="Recorded with what you change, and held against an approval’s list."
            value={name}
            error={isName ? null : 'A kind and a name, like user:ann'}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" disabled={!isName}>
            Use this name
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
