import type { TaskChannel } from '@tutti/contracts';
import type { CoordinatorConfig } from '@tutti/coordinator';
import type { Logger } from '@tutti/service-kit';
import type { SimulatedBlobs } from '../disk/simulated-blobs.js';
import type { SimulatedEventStore } from '../disk/simulated-event-store.js';
import type { Link } from '../network/link.js';
import type { SimulatedEventBus } from '../network/simulated-event-bus.js';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';
import type { Scheduler } from '../world/scheduler.js';
import type { PartitionTable } from './partition-table.js';
import type { Sabotage } from './sabotage.js';

/** What the processes of one simulated system stand on. */
export interface Machinery {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly store: SimulatedEventStore;
  readonly bus: SimulatedEventBus;
  readonly blobs: SimulatedBlobs;
  readonly link: Link;
  readonly partitions: PartitionTable;
  readonly inlineLimitBytes: number;
  readonly logger: (life: Life) => Logger;
  /** Put around the owner's end of the task channel: the observer listens there. */
  readonly claims: (channel: TaskChannel) => TaskChannel;
  readonly sabotage: Sabotage;
  readonly coordinator: CoordinatorConfig;
}
