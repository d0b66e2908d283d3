import {
  ActionIcon,
  AppShell,
  Badge,
  Box,
  Burger,
  Group,
  NavLink,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconArrowsSplit2,
  IconBroadcast,
  IconClockHour4,
  IconHandStop,
  IconMoon,
  IconPlayerPlay,
  IconPlugConnectedX,
  IconRobot,
  IconSun,
  type Icon,
} from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { NavLink as RouterLink, Outlet, useLocation } from 'react-router';
import { useHttp } from '../api/http-context.js';
import { queries } from '../api/queries.js';
import { useLive } from '../live/live-context.js';
import { ActorMenu } from './actor-menu.js';
import classes from './shell.module.css';

interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: Icon;
}

const PLACES: readonly Place[] = [
  { to: '/runs', label: 'Runs', icon: IconPlayerPlay },
  { to: '/approvals', label: 'Approvals', icon: IconHandStop },
  { to: '/workflows', label: 'Workflows', icon: IconArrowsSplit2 },
  { to: '/agents', label: 'Agents', icon: IconRobot },
  { to: '/schedules', label: 'Schedules', icon: IconClockHour4 },
];

export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure();
  const version = useQuery(queries.version(useHttp()));
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
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
              <img src="/icon.svg" alt="" width={26} height={26} />
              <Text fw={700} size="lg" span>
                Tutti
              </Text>
            </UnstyledButton>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <FeedMark />
            <ActorMenu />
            <SchemeButton />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Pages">
        <Box flex={1}>
          {PLACES.map((place) => (
            <PlaceLink key={place.to} place={place} onClick={close} />
          ))}
        </Box>
        {version.data !== undefined && (
          <Text size="xs" c="dimmed" px="sm">
            Tutti {version.data}
          </Text>
        )}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes['main']}>
        <Box maw={1680} mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function PlaceLink({ place: { to, label, icon: Shape }, onClick }: { readonly place: Place; readonly onClick: () => void }) {
  const { pathname } = useLocation();
  const isHere = pathname === to || pathname.startsWith(`${to}/`);
  return (
    <NavLink
      component={RouterLink}
      to={to}
      label={label}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      leftSection={<Shape size={18} stroke={1.7} aria-hidden />}
      rightSection={to === '/approvals' ? <Waiting /> : undefined}
      onClick={onClick}
      className={classes['place'] ?? ''}
    />
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
  const Shape = isLive ? IconBroadcast : IconPlugConnectedX;
  const label = isLive ? 'Live: what is shown follows what is recorded' : 'Not connected: what is shown may be old. It is tried again.';
  return (
    <Tooltip label={label} events={{ hover: true, focus: true, touch: true }}>
      <Group gap={6} wrap="nowrap" className={isLive ? classes['live'] : classes['apart']} role="status" tabIndex={0}>
        <Shape size={18} aria-hidden />
        <Text span size="sm" visibleFrom="xs">
          {isLive ? 'Live' : 'Connecting'}
        </Text>
        <Text span className={classes['unseen'] ?? ''} hiddenFrom="xs">
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
      <ActionIcon variant="default" size="lg" aria-label={label} onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}
