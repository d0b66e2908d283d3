import { RELAY_POSITION, RELAY_TOPIC } from '@tutti/contracts';
import { createKafkaClient, type KafkaConnection, type KafkaPublishing } from '@tutti/event-bus/kafka';
import { isJsonObject, TuttiError, type Ids, type Runtime } from '@tutti/kernel';
import type { RelayCheckpoints } from '../relay-ports.js';

interface KafkaCheckpointsOptions {
  readonly connection: KafkaConnection;
  readonly publishing: Pick<KafkaPublishing, 'publish' | 'ensureTopics'>;
  readonly runtime: Pick<Runtime, 'timers'> & { readonly ids: Ids };
  /** Begins the name of the group that reads. */
  readonly prefix: string;
  readonly topic?: string;
}

type Client = ReturnType<typeof createKafkaClient>;
type Place = { readonly partition: number; readonly end: number };

const KEY = 'position';
const READ_LIMIT_MS = 20_000;

/**
 * In a compacted topic with one key. The last note counts, not the highest: after a backup of the store was brought back, older notes speak of a log that is no more. A late
 * note of an earlier relay behind it costs repeats.
 */
export class KafkaCheckpoints implements RelayCheckpoints {
  private readonly topic: string;

  constructor(private readonly options: KafkaCheckpointsOptions) {
    this.topic = options.topic ?? RELAY_TOPIC;
  }

  async save(position: number): Promise<void> {
    const id = this.options.runtime.ids.next();
    await this.options.publishing.publish(this.topic, [{ id, type: RELAY_POSITION, key: KEY, payload: { position } }]);
  }

  async load(): Promise<number | null> {
    await this.options.publishing.ensureTopics([this.topic]);
    const client = createKafkaClient(this.options.connection, `${this.options.connection.clientId ?? 'tutti'}-relay`);
    const places = await this.places(client);
    return places.length === 0 ? null : this.read(client, places);
  }

  /** The partitions that hold something, and what is the offset behind it. */
  private async places(client: Client): Promise<readonly Place[]> {
    const admin = client.admin();
    try {
      await admin.connect();
      const offsets = await admin.fetchTopicOffsets(this.topic);
      return offsets.filter(({ low, high }) => Number(high) > Number(low)).map(({ partition, high }) => ({ partition, end: Number(high) }));
    } finally {
      await admin.disconnect();
    }
  }

  /** The broker gives nothing to readers without a group, so this is one of its own, for this once. */
  private async read(client: Client, places: readonly Place[]): Promise<number> {
    const { runtime, prefix } = this.options;
    const groupId = `${prefix}relay-${runtime.ids.next()}`;
    const consumer = client.consumer({ groupId, maxWaitTimeInMs: 250, retry: { retries: 2 } });
    const left = new Map(places.map(({ partition, end }) => [partition, end]));
    let position = -1;
    let cancel = () => {};
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [this.topic], fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const found = `no answer within ${READ_LIMIT_MS} ms`;
        cancel = runtime.timers.after(READ_LIMIT_MS, () => reject(unread(this.topic, found)));
        const eachMessage = async ({ partition, message }: { partition: number; message: { offset: string; value: Buffer | null } }) => {
          position = positionOf(message.value);
          if (Number(message.offset) + 1 >= (left.get(partition) ?? Infinity)) left.delete(partition);
          if (left.size === 0) resolve();
        };
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(unread(this.topic, payload.error.message)));
        consumer.run({ autoCommit: false, eachMessage }).catch(reject);
        for (const { partition, end } of places) consumer.seek({ topic: this.topic, partition, offset: String(end - 1) });
      });
      return position;
    } finally {
      cancel();
      await consumer.disconnect().catch(() => undefined);
      await this.forget(client, groupId);
    }
  }

  /** Left alone, the broker forgets a group by itself after some days. */
  private async forget(client: Client, groupId: string): Promise<void> {
    const admin = client.admin();
    try {
      await admin.connect();
      await admin.deleteGroups([groupId]);
    } catch {
      // As said: no harm.
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

function positionOf(value: Buffer | null): number {
  const note: unknown = value === null ? null : JSON.parse(value.toString());
  const position = isJsonObject(note) ? note['position'] : null;
  return typeof position === 'number' && Number.isSafeInteger(position) ? position : -1;
}

function unread(topic: string, found: string): TuttiError {
  return new TuttiError('STORE_UNAVAILABLE', `how far the log is published could not be read from topic ${topic}: ${found}`, {
    retryable: true,
  });
}
