import {
  ActionIcon,
  AppShell,
  Badge,
  Box,
  Burger,
  Group,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKeyboard, IconMoon, IconPlugConnectedX, IconSearch, IconSun } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { NavLink as RouterLink, Outlet, useLocation, useNavigate } from 'react-router';
import { useHttp } from '../api/http-context.js';
import { queries } from '../api/queries.js';
import { ShortcutHelp } from '../keyboard/shortcut-help.js';
import { useShortcuts, type Shortcuts } from '../keyboard/shortcuts.js';
import { useLive } from '../live/live-context.js';
import { PageSkeleton } from '../ui/load-state.js';
import { CallerMenu } from './caller-menu.js';
import { CommandPalette } from './command-palette.js';
import { PLACES, SECTIONS } from './places.js';
import classes from './shell.module.css';

export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const [over, setOver] = useState<'help' | 'palette' | null>(null);
  const navigate = useNavigate();
  const goTo = PLACES.flatMap(({ to, key }) => (key === undefined ? [] : [[`g ${key}`, () => void navigate(to)] as const]));
  const shortcuts: Shortcuts = {
    ...Object.fromEntries(goTo),
    '?': () => setOver('help'),
    'mod+k': () => setOver((was) => (was === 'palette' ? null : 'palette')),
  };
  useShortcuts(shortcuts);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a href="#content" className={classes['skip']}>
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={isOpen ? 'Close the menu' : 'Open the menu'} />
            <UnstyledButton component={RouterLink} to="/runs" className={classes['brand']} aria-label="Tutti, to the runs">
              <img src="/icon.svg" alt="" width={24} height={24} />
              <Text fw={650} size="lg" span>
                Tutti
              </Text>
            </UnstyledButton>
          </Group>
          <UnstyledButton className={classes['search'] ?? ''} visibleFrom="sm" onClick={() => setOver('palette')}>
            <IconSearch size={15} aria-hidden />
            <span>Go to…</span>
            <kbd aria-hidden>Ctrl K</kbd>
          </UnstyledButton>
          <Group gap={6} wrap="nowrap">
            <FeedMark />
            <ActionIcon variant="subtle" color="gray" size="lg" hiddenFrom="sm" aria-label="Go to" onClick={() => setOver('palette')}>
              <IconSearch size={18} aria-hidden />
            </ActionIcon>
            <SchemeButton />
            <CallerMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <ScrollArea flex={1} type="auto">
          {SECTIONS.map(({ label, places }) => (
            <Box key={label} mb="sm" component="section" aria-label={label}>
              <Text size="xs" c="dimmed" fw={550} px="sm" py={4}>
                {label}
              </Text>
              {places.map((place) => (
                <PlaceLink key={place.to} {...place} onClick={close} />
              ))}
            </Box>
          ))}
        </ScrollArea>
        <Group justify="space-between" px="sm" py={4} wrap="nowrap">
          <Version />
          <Tooltip label="Keyboard shortcuts (?)">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Keyboard shortcuts"
              onClick={() => {
                close();
                setOver('help');
              }}
            >
              <IconKeyboard size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Group>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes['main']}>
        <Box maw={1440} mx="auto">
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </Box>
      </AppShell.Main>
      {over === 'help' && <ShortcutHelp onClose={() => setOver(null)} />}
      {over === 'palette' && <CommandPalette onClose={() => setOver(null)} />}
    </AppShell>
  );
}

type PlaceLinkProps = (typeof PLACES)[number] & { readonly onClick: () => void };

function PlaceLink({ to, label, icon: Shape, onClick }: PlaceLinkProps) {
  const { pathname } = useLocation();
  const isHere = pathname === to || pathname.startsWith(`${to}/`);
  return (
    <NavLink
      component={RouterLink}
      to={to}
      label={label}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      leftSection={<Shape size={17} stroke={1.7} aria-hidden />}
      rightSection={to === '/approvals' ? <Waiting /> : undefined}
      onClick={onClick}
      className={classes['place'] ?? ''}
    />
  );
}

function Version() {
  const { data } = useQuery(queries.version(useHttp()));
  return (
    <Text size="xs" c="dimmed">
      {data === undefined ? '' : `Tutti ${data}`}
    </Text>
  );
}

/** How many approvals wait; with a plus when there are more than one page of them. */
function Waiting() {
  const { data } = useInfiniteQuery(queries.approvals(useHttp(), 'pending'));
  const first = data?.pages[0];
  if (first === undefined || first.approvals.length === 0) return null;
  const text = `${first.approvals.length}${first.nextPageToken === '' ? '' : '+'}`;
  return (
    <Badge size="sm" variant="filled" circle={text.length === 1} aria-label={`${text} waiting`}>
      {text}
    </Badge>
  );
}

function FeedMark() {
  const { state } = useLive();
  const isLive = state === 'live';
  const label = isLive ? 'Live: what is shown follows what is recorded' : 'Not connected: what is shown may be old. It is tried again.';
  return (
    <Tooltip label={label} events={{ hover: true, focus: true, touch: true }}>
      <Group gap={6} wrap="nowrap" className={isLive ? classes['live'] : classes['apart']} role="status" tabIndex={0} px={6}>
        {isLive ? <span className={classes['dot']} aria-hidden /> : <IconPlugConnectedX size={16} aria-hidden />}
        <Text span size="sm" className={classes['feedWord'] ?? ''}>
          {isLive ? 'Live' : 'Connecting'}
        </Text>
      </Group>
    </Tooltip>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const label = isDark ? 'Light colours' : 'Dark colours';
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
