import { isJsonObject, type JsonObject } from '@tutti/kernel';
import { BUS_CHANNELS, BUS_MESSAGES } from './bus-channels.js';
import { eventChannels, eventMessages } from './event-channels.js';
import { CLOUD_EVENT_HEADERS, RECORDED_EVENT, RELAYED_HEADERS } from './schemas.js';

const ABOUT = `What Tutti publishes on Kafka, made from what is recorded in its event store and from nothing else. Records are CloudEvents 1.0 in binary content mode, their values JSON in UTF-8.

**Recorded events** (\`tutti.events.<category>\`) are for everybody: each event as it was recorded, under its stream as key. Keys, sessions and refusals at the door are not published. Values over 64 KiB are in events by reference (\`{"blob": "<sha-256>", "bytes": n}\`).

**Delivery**: at least once. Everything that is recorded is published, also what was recorded while the broker was away; nothing is published that is not recorded.

**Order**: per key. For each key, the first occurrences are in the order of the log. There is no order between keys or topics; \`tutti-position\` has the order of the whole log.

**Duplicates and the fence**: one process publishes at a time, the one with the seat \`relay\`. When another takes over it goes on from the last checkpoint, so that some records come again, in the same order; a batch of the one before that was on its way may come late. So drop each event whose \`tutti-revision\` is not higher than the last one you took of its \`ce_subject\`, and keep that revision in the same transaction as your own result. What is left has each event once, without gaps. Of other messages, keep \`ce_id\`.

**Changes**: members may be added to payloads and headers, types to channels, and channels to this document. Pass over what you do not know. The number at the end of \`ce_type\` grows with changes that a reader of the one before would not understand; this document has the newest of each.`;

/** What is published, as AsyncAPI 3.0 has it, made from the schemas of events and messages. */
export function asyncApiDocument(version: string): JsonObject {
  const channels = { ...eventChannels(), ...BUS_CHANNELS };
  return {
    asyncapi: '3.0.0',
    info: { title: 'Tutti on Kafka', version, description: ABOUT, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    servers: {
      kafka: {
        host: '{broker}',
        protocol: 'kafka',
        description: 'A broker of the cluster',
        variables: { broker: { default: 'localhost:9092' } },
      },
    },
    channels,
    operations: Object.fromEntries(Object.entries(channels).map(([name, channel]) => [`publish-${name}`, operation(name, channel)])),
    components: {
      messages: { ...eventMessages(), ...BUS_MESSAGES },
      schemas: { RecordedEvent: RECORDED_EVENT, CloudEventHeaders: CLOUD_EVENT_HEADERS, RelayedHeaders: RELAYED_HEADERS },
      messageTraits: {
        ByStream: trait('The stream of the event, like `run-<id>`'),
        ByTask: trait('`<run>/<task>`'),
        ByRecipient: trait('The name of the agent that it is for'),
      },
    },
  };
}

function trait(description: string): JsonObject {
  return { contentType: 'application/json', bindings: { kafka: { key: { type: 'string', description }, bindingVersion: '0.5.0' } } };
}

function operation(name: string, channel: unknown): JsonObject {
  const messages = isJsonObject(channel) && isJsonObject(channel['messages']) ? Object.keys(channel['messages']) : [];
  return {
    action: 'send',
    channel: { $ref: `#/channels/${name}` },
    messages: messages.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
  };
}
