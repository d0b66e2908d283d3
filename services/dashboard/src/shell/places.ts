import {
  IconArrowsSplit2,
  IconBell,
  IconClockHour4,
  IconHandStop,
  IconMailX,
  IconPlayerPlay,
  IconRobot,
  type Icon,
} from '@tabler/icons-react';

interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: Icon;
  /** The second key after `g`. */
  readonly key?: string;
}

interface Section {
  readonly label: string;
  readonly places: readonly Place[];
}

/** Where the page has something of its own, as its navigation groups it. What is to come finds its section here. */
export const SECTIONS: readonly Section[] = [
  {
    label: 'Work',
    places: [
      { to: '/runs', label: 'Runs', icon: IconPlayerPlay, key: 'r' },
      { to: '/approvals', label: 'Approvals', icon: IconHandStop, key: 'a' },
    ],
  },
  {
    label: 'Definitions',
    places: [
      { to: '/workflows', label: 'Workflows', icon: IconArrowsSplit2, key: 'w' },
      { to: '/schedules', label: 'Schedules', icon: IconClockHour4, key: 's' },
    ],
  },
  {
    label: 'System',
    places: [
      { to: '/agents', label: 'Agents', icon: IconRobot, key: 'e' },
      { to: '/notifications', label: 'Notifications', icon: IconBell },
      { to: '/dead-letters', label: 'Dead letters', icon: IconMailX },
    ],
  },
];

export const PLACES: readonly Place[] = SECTIONS.flatMap(({ places }) => places);
