import protobuf from 'google-protobuf';
import { shared, uuidText } from './messages.js';

/** An event as the server has it; nothing of it is parsed. */
export interface ServerRecord {
  readonly id: string;
  /** As the server calls it. */
  readonly stream: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly revision: number;
  readonly position: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** One message of a read or a subscription. `checkpoint` says how far a subscription has looked through what does not match. */
export type ReadAnswer =
  | { readonly kind: 'event'; readonly event: ServerRecord }
  | { readonly kind: 'checkpoint'; readonly position: number }
  | { readonly kind: 'confirmed' | 'not-found' | 'caught-up' | 'other' };

type Reader = InstanceType<typeof protobuf.BinaryReader>;
type Draft = { -readonly [Name in keyof ServerRecord]: ServerRecord[Name] };

const NOTHING = new Uint8Array();

/**
 * A `ReadResp` by the fields of streams.proto. The generated classes make an object for each message in it, of which five are an event; a process that follows the log
 * would spend most of its time there.
 */
export function readAnswer(bytes: Uint8Array): ReadAnswer {
  // The reader knows the arrays of its own realm only.
  const reader = new protobuf.BinaryReader(new Uint8Array(bytes));
  let answer: ReadAnswer = { kind: 'other' };
  while (reader.nextField()) {
    switch (reader.getFieldNumber()) {
      case 1: {
        const event = draft();
        reader.readMessage(event, takeReadEvent);
        // A link whose event is gone has none.
        if (event.stream !== '') answer = { kind: 'event', event };
        break;
      }
      case 2:
        answer = { kind: 'confirmed' };
        reader.skipField();
        break;
      case 3: {
        const checkpoint = { position: 0 };
        reader.readMessage(checkpoint, takeCheckpoint);
        answer = { kind: 'checkpoint', ...checkpoint };
        break;
      }
      case 4:
        answer = { kind: 'not-found' };
        reader.skipField();
        break;
      case 8:
        answer = { kind: 'caught-up' };
        reader.skipField();
        break;
      default:
        reader.skipField();
    }
  }
  return answer;
}

/** Numbers that are 0 are not sent. */
function draft(): Draft {
  return { id: '', stream: '', type: '', isJson: false, revision: 0, position: 0, data: NOTHING, metadata: NOTHING };
}

function takeReadEvent(event: Draft, reader: Reader): void {
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 1) reader.readMessage(event, takeRecordedEvent);
    else reader.skipField();
  }
}

function takeRecordedEvent(event: Draft, reader: Reader): void {
  while (reader.nextField()) {
    switch (reader.getFieldNumber()) {
      case 1:
        event.id = idOf(reader.readBytes());
        break;
      case 2:
        reader.readMessage(event, takeStreamName);
        break;
      case 3:
        event.revision = reader.readUint64();
        break;
      case 4:
        event.position = reader.readUint64();
        break;
      case 6:
        reader.readMessage(event, takeSystemMetadata);
        break;
      case 7:
        event.metadata = reader.readBytes();
        break;
      case 8:
        event.data = reader.readBytes();
        break;
      default:
        reader.skipField();
    }
  }
}

const ID_AS_TEXT = 0x12;
const TEXT_LENGTH = 36;

/** As text, which is how it is asked for; the server may give it as two numbers all the same. */
function idOf(uuid: Uint8Array): string {
  if (uuid.length === TEXT_LENGTH + 2 && uuid[0] === ID_AS_TEXT && uuid[1] === TEXT_LENGTH) return text(uuid.subarray(2));
  return uuidText(shared.UUID.deserializeBinary(uuid));
}

function takeStreamName(event: Draft, reader: Reader): void {
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 3) event.stream = text(reader.readBytes());
    else reader.skipField();
  }
}

/** An entry of the map that the server keeps. */
function takeSystemMetadata(event: Draft, reader: Reader): void {
  let [name, value] = ['', ''];
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 1) name = text(reader.readBytes());
    else if (reader.getFieldNumber() === 2) value = text(reader.readBytes());
    else reader.skipField();
  }
  if (name === 'type') event.type = value;
  else if (name === 'content-type') event.isJson = value === 'application/json';
}

function takeCheckpoint(checkpoint: { position: number }, reader: Reader): void {
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 2) checkpoint.position = reader.readUint64();
    else reader.skipField();
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
