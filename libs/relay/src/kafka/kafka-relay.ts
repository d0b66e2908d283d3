import { RELAY_TOPIC } from '@tutti/contracts';
import { openKafkaPublishing, type KafkaConnection, type TopicLayouts } from '@tutti/event-bus/kafka';
import type { EventStore } from '@tutti/event-store';
import type { Runtime } from '@tutti/kernel';
import { createRelay, type Relay } from '../relay.js';
import type { RelayLimits, RelayLog, RelayPublisher, RelayRoute, RelaySeat } from '../relay-ports.js';
import { KafkaCheckpoints } from './kafka-checkpoints.js';

export interface KafkaRelayOptions {
  readonly connection: KafkaConnection;
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'ids'>;
  readonly log: RelayLog;
  readonly store: Pick<EventStore, 'subscribe' | 'head'>;
  /** A new one each time, like `() => directory.seat('relay')`. */
  readonly seat: () => RelaySeat;
  /** Partitions, copies and retention of the topics that are not there yet. */
  readonly layouts?: TopicLayouts;
  /** False where somebody else makes the topics. Default true. */
  readonly createTopics?: boolean;
  /** Begins the name of the group that reads the checkpoint. Default `tutti.`. */
  readonly prefix?: string;
  /** CloudEvents `source`. Default `/tutti`. */
  readonly source?: string;
  readonly routes?: readonly RelayRoute[];
  readonly limits?: Partial<RelayLimits>;
  /** Where it is noted how far it got. Default {@link RELAY_TOPIC}. */
  readonly checkpointTopic?: string;
  /** Put around each publication, like spans of its traces. */
  readonly around?: (publish: RelayPublisher['publish']) => RelayPublisher['publish'];
}

/** Short: the relay tries anew itself, and a batch must not go out long after the seat was lost. */
const GIVE_UP_AFTER_MS = 5_000;
/** The newest note counts; one partition, so that it is the last. */
const CHECKPOINT_LAYOUT = { partitions: 1, cleanup: 'compact' } as const;

/** A relay with a producer of its own, and its checkpoint in Kafka. Connects when it has its seat. @throws TuttiError INVALID_CONFIG */
export function openKafkaRelay(options: KafkaRelayOptions): Relay {
  const {
    connection,
    runtime,
    log,
    store,
    seat,
    prefix = 'tutti.',
    checkpointTopic = RELAY_TOPIC,
    routes,
    limits,
    source,
    createTopics,
    around = (publish) => publish,
  } = options;
  const publishing = openKafkaPublishing({
    connection,
    runtime,
    layouts: withCheckpoints(options.layouts, checkpointTopic),
    times: { giveUpAfterMs: GIVE_UP_AFTER_MS },
    ...(source === undefined ? {} : { source }),
    ...(createTopics === undefined ? {} : { createTopics }),
  });
  const checkpoints = new KafkaCheckpoints({ connection, publishing, runtime, prefix, topic: checkpointTopic });
  const publisher: RelayPublisher = {
    publish: around((topic, messages) => publishing.publish(topic, messages)),
    ensureTopics: (topics) => publishing.ensureTopics(topics),
  };
  const relay = createRelay({
    ...{ store, publisher, checkpoints, seat, runtime, log },
    ...(routes === undefined ? {} : { routes }),
    ...(limits === undefined ? {} : { limits }),
  });
  return {
    start: () => relay.start(),
    state: () => relay.state(),
    async stop() {
      await relay.stop();
      await publishing.close();
    },
  };
}

/** Whatever is configured: not compacted, it would be forgotten with time, and all published anew. */
function withCheckpoints(layouts: TopicLayouts = {}, topic: string): TopicLayouts {
  return { ...layouts, topics: { ...layouts.topics, [topic]: { ...layouts.topics?.[topic], ...CHECKPOINT_LAYOUT } } };
}
