import {
  AccessDeniedError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  UnknownError,
} from '@eventstore/db-client';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Cancel } from '@tutti/kernel';
import { commandError, NoAnswer } from './client-errors.js';
import { shared, type status, streamIdentifier, streams, uuid, uuidText, type BatchAppendReq, type BatchAppendResp } from './messages.js';
import type { ServerConnection, StreamsClient } from './server-connection.js';

/** More than this is not under way at once: it waits here, where it can be counted. */
const MAX_BYTES_UNDER_WAY = 8 * 1024 * 1024;
/** Beyond the time that the server is given, for its answer to arrive. */
const ANSWER_GRACE_MS = 500;

/** An event as it goes to the server; JSON. */
export interface OutgoingEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export interface OutgoingAppend {
  /** As the server calls it. */
  readonly stream: string;
  /** -1 for none. */
  readonly expectedRevision: number;
  readonly events: readonly OutgoingEvent[];
}

/** Where the append ended up; null when the stream is not at the expected revision. */
export type AppendAnswer = { readonly position: number | null } | null;

interface Pending {
  readonly append: OutgoingAppend;
  readonly bytes: number;
  readonly resolve: (answer: AppendAnswer) => void;
  readonly reject: (error: Error) => void;
  cancelLimit: Cancel | null;
}

type Call = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/**
 * Appends side by side on one call, each answered under its correlation id. The client has such a call too, but waits for ever when it ends in good order, ends the appends of
 * every other client of the process with those of one, and writes every event out twice.
 */
export class BatchAppends {
  private open: { readonly call: Call; readonly streams: StreamsClient } | null = null;
  private opening: Promise<void> | null = null;
  private readonly underWay = new Map<string, Pending>();
  private queue: Pending[] = [];
  private bytesUnderWay = 0;
  private drained = true;

  constructor(private readonly connection: ServerConnection) {
    connection.onConnectionLost((error) => this.abandon(error));
  }

  /** @throws what the client throws; NoAnswer when the connection was lost on the way: then nobody knows what became of it */
  append(append: OutgoingAppend): Promise<AppendAnswer> {
    const bytes = append.events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
    return new Promise((resolve, reject) => {
      this.queue.push({ append, bytes, resolve, reject, cancelLimit: null });
      this.send();
    });
  }

  /** Appends that are not answered yet. */
  get unanswered(): number {
    return this.underWay.size + this.queue.length;
  }

  close(): void {
    this.abandon(new NoAnswer('the connection was closed'));
  }

  private send(): void {
    if (this.open === null) {
      if (this.queue.length > 0) void (this.opening ??= this.connect());
      return;
    }
    let sent = 0;
    for (const pending of this.queue) {
      if (!this.drained || (this.bytesUnderWay > 0 && this.bytesUnderWay + pending.bytes > MAX_BYTES_UNDER_WAY)) break;
      sent += 1;
      this.write(this.open.call, pending);
    }
    if (sent > 0) this.queue = this.queue.slice(sent);
  }

  private write(call: Call, pending: Pending): void {
    const { runtime, callLimitMs } = this.connection;
    this.bytesUnderWay += pending.bytes;
    const id = runtime.ids.next();
    this.underWay.set(id, pending);
    pending.cancelLimit = runtime.timers.after(callLimitMs + ANSWER_GRACE_MS, () => {
      // Others on the call wait for the same silence: it is done with.
      this.abandon(new NoAnswer(`an append was not answered within ${callLimitMs + ANSWER_GRACE_MS} ms`));
    });
    this.drained = call.write(request(id, pending.append, runtime.clock.now() + callLimitMs));
  }

  private async connect(): Promise<void> {
    try {
      // To find the leader of a cluster may take for ever.
      const { streams: client, args } = await this.connection.within(this.connection.streams());
      const call = client.batchAppend(...args({ deadline: Number.POSITIVE_INFINITY }));
      const open = { call, streams: client };
      this.open = open;
      this.drained = true;
      call.on('data', (response: BatchAppendResp) => this.take(response));
      call.on('drain', () => {
        this.drained = true;
        this.send();
      });
      call.on('error', (error: Error) => {
        if (this.open !== open) return;
        this.connection.lost(client, error);
        this.abandon(commandError(error));
      });
      call.on('end', () => this.open === open && this.abandon(new NoAnswer('the server ended the call')));
    } catch (error) {
      this.abandon(commandError(error));
    } finally {
      this.opening = null;
    }
    this.send();
  }

  private take(response: BatchAppendResp): void {
    const id = uuidText(response.getCorrelationId());
    const pending = this.underWay.get(id);
    if (pending === undefined) return;
    this.underWay.delete(id);
    this.settle(pending);
    try {
      pending.resolve(answerOf(response, pending.append.stream));
    } catch (error) {
      pending.reject(error as Error);
    }
    this.send();
  }

  private settle(pending: Pending): void {
    pending.cancelLimit?.();
    this.bytesUnderWay -= pending.bytes;
  }

  /** What is under way may have happened. What only waits goes the same way, so that it is the caller who knows how long to try. */
  private abandon(error: Error): void {
    const call = this.open?.call;
    this.open = null;
    const lost = [...this.underWay.values(), ...this.queue];
    this.underWay.clear();
    this.queue = [];
    this.bytesUnderWay = 0;
    for (const pending of lost) {
      pending.cancelLimit?.();
      pending.reject(error);
    }
    call?.cancel();
  }
}

function request(id: string, { stream, expectedRevision, events }: OutgoingAppend, deadlineMs: number): BatchAppendReq {
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(streamIdentifier(stream));
  options.setDeadline(timestamp.Timestamp.fromDate(new Date(deadlineMs)));
  if (expectedRevision < 0) options.setNoStream(new empty.Empty());
  else options.setStreamPosition(String(expectedRevision));
  const message = new streams.BatchAppendReq();
  message.setCorrelationId(uuid(id));
  message.setOptions(options);
  message.setIsFinal(true);
  message.setProposedMessagesList(events.map(proposed));
  return message;
}

function proposed({ id, type, data, metadata }: OutgoingEvent): InstanceType<typeof streams.BatchAppendReq.ProposedMessage> {
  const message = new streams.BatchAppendReq.ProposedMessage();
  message.setId(uuid(id));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  message.setData(data);
  message.setCustomMetadata(metadata);
  return message;
}

/** @throws what the client would throw for it */
function answerOf(response: BatchAppendResp, stream: string): AppendAnswer {
  const error = response.getError();
  if (error === undefined) {
    const position = response.getSuccess()?.getPosition();
    return { position: position === undefined ? null : Number(position.getPreparePosition()) };
  }
  const kind = error.getDetails()?.getTypeName() ?? '';
  switch (kind.slice(kind.lastIndexOf('.') + 1)) {
    case 'WrongExpectedVersion':
      return null;
    case 'StreamDeleted':
      throw StreamDeletedError.fromStreamName(stream);
    case 'AccessDenied':
      throw new AccessDeniedError();
    case 'Timeout':
      throw new DeadlineExceededError(undefined, error.getMessage());
    case 'MaximumAppendSizeExceeded':
      throw MaxAppendSizeExceededError.fromMaxAppendSize(maxSize(error));
    default:
      throw new UnknownError(undefined, error.getMessage());
  }
}

function maxSize(error: InstanceType<typeof status.Status>): number {
  const size = error
    .getDetails()
    ?.unpack((bytes) => shared.MaximumAppendSizeExceeded.deserializeBinary(bytes), 'event_store.client.MaximumAppendSizeExceeded');
  return size?.getMaxappendsize() ?? 0;
}
