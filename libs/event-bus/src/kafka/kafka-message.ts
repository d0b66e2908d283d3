import { isoTime, TuttiError, type JsonValue } from '@tutti/kernel';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import type { BusMessage } from '../event-bus.port.js';

export const MEMBER_HEADER = 'tutti-member';
/** On a dead letter that is handed to its group once more: other groups pass over it. */
export const REPLAY_GROUP_HEADER = 'tutti-replay-group';
/** On such a message, where it stands in the topic by its first publication. */
export const REPLAY_OFFSET_HEADER = 'tutti-replay-offset';

/** The most that the record itself takes beside key, headers and value. */
const RECORD_OVERHEAD_BYTES = 64;

export interface EncodedMessage {
  readonly message: Message;
  readonly bytes: number;
}

export interface EncodingOptions {
  /** CloudEvents `source`, unless `headers` have `ce_source`. */
  readonly source: string;
  /** Epoch milliseconds for `ce_time`, unless `headers` have it. */
  readonly nowMs: number;
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** CloudEvents 1.0 in binary content mode: the payload is the value, the attributes are headers. @throws TuttiError PAYLOAD_TOO_LARGE */
export function toKafkaMessage(topic: string, message: BusMessage, options: EncodingOptions): EncodedMessage {
  const { id, type, key, member, payload, traceparent } = message;
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: options.source,
    ce_type: type,
    ce_time: isoTime(options.nowMs),
    'content-type': 'application/json',
    ...(traceparent === undefined ? {} : { traceparent }),
    ...options.headers,
    ...(member === undefined ? {} : { [MEMBER_HEADER]: member }),
  };
  const value = Buffer.from(JSON.stringify(payload));
  const bytes = value.length + Buffer.byteLength(key) + headerBytes(headers) + RECORD_OVERHEAD_BYTES;
  if (bytes > options.maxBytes) {
    const found = `message ${id} for ${topic} takes ${bytes} bytes`;
    throw new TuttiError(
      'PAYLOAD_TOO_LARGE',
      `${found}, expected at most ${options.maxBytes}: put large values into the blobs and publish their reference`,
    );
  }
  return { message: { key, value, headers }, bytes };
}

export interface ReadMessage {
  readonly message: BusMessage;
  /** Why the payload could not be read; it is the text as it stands then. */
  readonly unreadable?: string;
  /** The only group it is for. */
  readonly group?: string;
  /** Where it was published first. */
  readonly firstOffset?: string;
}

/** Takes what others published too: what CloudEvents attributes are missing is made up from where the message stands. */
export function fromKafkaMessage(
  topic: string,
  partition: number,
  read: Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset'>,
): ReadMessage {
  const header = (name: string) => headerText(read.headers, name);
  const member = header(MEMBER_HEADER);
  const traceparent = header('traceparent');
  const group = header(REPLAY_GROUP_HEADER);
  const firstOffset = header(REPLAY_OFFSET_HEADER);
  const { payload, unreadable } = parse(read.value);
  return {
    message: {
      id: header('ce_id') ?? `${topic}/${partition}:${read.offset}`,
      type: header('ce_type') ?? 'unknown',
      key: read.key?.toString() ?? '',
      ...(member === undefined ? {} : { member }),
      payload,
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    ...(unreadable === undefined ? {} : { unreadable }),
    ...(group === undefined ? {} : { group }),
    ...(firstOffset === undefined ? {} : { firstOffset }),
  };
}

/** The one header that says who gets a message, without reading the rest of it. */
export function headerText(headers: IHeaders | undefined, name: string): string | undefined {
  const found = headers?.[name];
  const one = Array.isArray(found) ? found[0] : found;
  return one === undefined ? undefined : one.toString();
}

function headerBytes(headers: Readonly<Record<string, string>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) bytes += name.length + Buffer.byteLength(value) + 4;
  return bytes;
}

function parse(value: Buffer | null): { readonly payload: JsonValue; readonly unreadable?: string } {
  if (value === null) return { payload: null };
  const text = value.toString();
  try {
    return { payload: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { payload: text, unreadable: `the payload is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
