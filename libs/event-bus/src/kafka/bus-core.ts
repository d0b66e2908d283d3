import type { Runtime } from '@tutti/kernel';
import type { Kafka } from 'kafkajs';
import { BrokerLink } from './broker-link.js';
import { BusHealth } from './bus-health.js';
import { createKafkaClient, type KafkaSocketFactory } from './kafka-client.js';
import {
  checkedLimits,
  checkedTimes,
  DEFAULT_PREFIX,
  DEFAULT_SOURCE,
  type KafkaEventBusOptions,
  type KafkaLimits,
  type KafkaLog,
  type KafkaTimes,
} from './kafka-options.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { Topics } from './topics.js';

/** A dead letter holds a message and its story, so topics take twice a message and this. */
const LETTER_OVERHEAD_BYTES = 256 * 1024;

/** What all parts of a bus share. */
export interface BusCore {
  readonly options: KafkaEventBusOptions;
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'ids'>;
  readonly times: KafkaTimes;
  readonly limits: KafkaLimits;
  readonly prefix: string;
  readonly log: KafkaLog;
  readonly health: BusHealth;
  readonly link: BrokerLink;
  readonly topics: Topics;
  readonly publisher: KafkaPublisher;
  /** A client whose connections the broker knows by this name. */
  readonly client: (name: string) => Kafka;
  /** What topics are made to take. */
  readonly maxRecordBytes: number;
}

/** Connects with the first question. @throws TuttiError INVALID_CONFIG */
export function createBusCore(options: KafkaEventBusOptions, socketFactory?: KafkaSocketFactory): BusCore {
  const { connection, runtime, layouts = {}, createTopics = true, prefix = DEFAULT_PREFIX, source = DEFAULT_SOURCE } = options;
  const times = checkedTimes(options.times);
  const limits = checkedLimits(options.limits);
  const log = connection.log ?? (() => {});
  const health = new BusHealth(runtime.clock, log);
  const client = (name?: string) => createKafkaClient(connection, name, socketFactory);
  const kafka = client();
  const { giveUpAfterMs } = times;
  const maxRecordBytes = limits.maxMessageBytes * 2 + LETTER_OVERHEAD_BYTES;
  const link = new BrokerLink({ kafka, runtime, giveUpAfterMs, health });
  const topics = new Topics({ link, layouts, maxMessageBytes: maxRecordBytes, create: createTopics, log });
  const publisher = new KafkaPublisher({ kafka, topics, runtime, source, limits, giveUpAfterMs, health });
  return { options, runtime, times, limits, prefix, log, health, link, topics, publisher, client, maxRecordBytes };
}
