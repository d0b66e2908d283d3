import {
  Metadata,
  status as grpcStatus,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { AppendOutcome, Appending, WireExpectation } from './appending.js';
import { fault } from './faults.js';
import {
  shared,
  status,
  streamIdentifier,
  streamNameOf,
  streams,
  uuidText,
  type AppendReq,
  type AppendResp,
  type BatchAppendReq,
  type BatchAppendResp,
} from '../eventstoredb/messages.js';
import type { WireEvent } from './stored-event.js';

type Proposed = InstanceType<typeof streams.AppendReq.ProposedMessage> | InstanceType<typeof streams.BatchAppendReq.ProposedMessage>;

/** Of requests that are not whole yet, on one call. */
const MAX_OPEN_BATCHES = 1_000;

/** `Append`: options first, then an event a message, one answer at the end. */
export async function takeAppend(
  appending: Appending,
  call: ServerReadableStream<AppendReq, AppendResp>,
  answer: sendUnaryData<AppendResp>,
): Promise<void> {
  try {
    let options: InstanceType<typeof streams.AppendReq.Options> | undefined;
    const events: WireEvent[] = [];
    for await (const message of call as AsyncIterable<AppendReq>) {
      if (message.hasOptions()) options = message.getOptions();
      const proposed = message.getProposedMessage();
      if (proposed !== undefined) events.push(wireEventOf(proposed));
    }
    if (options === undefined)
      throw fault(grpcStatus.INVALID_ARGUMENT, 'invalid-argument', 'the first message of an append has its options');
    answer(null, appendResp(await appending.append(streamNameOf(options.getStreamIdentifier()), expectationOf(options), events)));
  } catch (error) {
    answer(error as ServiceError);
  }
}

/** `BatchAppend`: appends side by side on one call, each answered under its correlation id. */
export function takeBatchAppends(appending: Appending, call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
  const open = new Map<string, { readonly options: InstanceType<typeof streams.BatchAppendReq.Options>; readonly events: WireEvent[] }>();
  let working = 0;
  let ended = false;
  const endWhenDone = (): void => {
    if (ended && working === 0) call.end();
  };
  call.on('data', (message: BatchAppendReq) => {
    const correlation = message.getCorrelationId();
    const id = uuidText(correlation);
    const options = message.getOptions() ?? open.get(id)?.options;
    if (options === undefined || open.size > MAX_OPEN_BATCHES) {
      call.emit(
        'error',
        fault(
          grpcStatus.INVALID_ARGUMENT,
          'invalid-argument',
          'a batch begins with its options, and there are bounds on those that are open',
        ),
      );
      return;
    }
    const batch = open.get(id) ?? { options, events: [] };
    batch.events.push(...message.getProposedMessagesList().map(wireEventOf));
    open.set(id, batch);
    if (!message.getIsFinal()) return;
    open.delete(id);
    working += 1;
    const stream = streamNameOf(options.getStreamIdentifier());
    void appending
      .append(stream, batchExpectation(options), batch.events)
      .then(
        (outcome) => batchResp(outcome),
        (error: unknown) => batchError(error as ServiceError),
      )
      .then((response) => {
        response.setCorrelationId(correlation);
        response.setStreamIdentifier(streamIdentifier(stream));
        if (!call.cancelled) call.write(response);
        working -= 1;
        endWhenDone();
      });
  });
  call.on('end', () => {
    ended = true;
    endWhenDone();
  });
}

export function expectationOf(options: {
  hasRevision(): boolean;
  getRevision(): string;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}): WireExpectation {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}

function batchExpectation(options: InstanceType<typeof streams.BatchAppendReq.Options>): WireExpectation {
  if (options.hasStreamPosition()) return Number(options.getStreamPosition());
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}

function wireEventOf(message: Proposed): WireEvent {
  const metadata = message.getMetadataMap() as { get(name: string): string | undefined };
  return {
    id: uuidText(message.getId()),
    type: metadata.get('type') ?? '',
    contentType: metadata.get('content-type') ?? 'application/octet-stream',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

function appendResp(outcome: AppendOutcome): AppendResp {
  const response = new streams.AppendResp();
  if ('appended' in outcome) {
    const { revision, position } = outcome.appended;
    const success = new streams.AppendResp.Success();
    if (revision < 0) success.setNoStream(new shared.Empty());
    else success.setCurrentRevision(String(revision));
    if (position === null) success.setNoPosition(new shared.Empty());
    else success.setPosition(placed(new streams.AppendResp.Position(), position));
    response.setSuccess(success);
    return response;
  }
  const { expected, current } = outcome.wrong;
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  response.setWrongExpectedVersion(wrong);
  return response;
}

function batchResp(outcome: AppendOutcome): BatchAppendResp {
  const response = new streams.BatchAppendResp();
  if ('appended' in outcome) {
    const { revision, position } = outcome.appended;
    const success = new streams.BatchAppendResp.Success();
    if (revision < 0) success.setNoStream(new empty.Empty());
    else success.setCurrentRevision(String(revision));
    if (position === null) success.setNoPosition(new empty.Empty());
    else success.setPosition(placed(new shared.AllStreamPosition(), position));
    response.setSuccess(success);
    return response;
  }
  const { expected, current } = outcome.wrong;
  const wrong = new shared.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new empty.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(new empty.Empty());
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new empty.Empty());
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new empty.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  response.setError(
    errorStatus(grpcStatus.FAILED_PRECONDITION, 'wrong expected version', wrong, 'event_store.client.WrongExpectedVersion'),
  );
  return response;
}

function batchError({ code, details, metadata }: ServiceError): BatchAppendResp {
  const response = new streams.BatchAppendResp();
  const exception = metadata.get('exception')[0];
  if (exception === 'stream-deleted') {
    const deleted = new shared.StreamDeleted();
    deleted.setStreamIdentifier(streamIdentifier(String((metadata ?? new Metadata()).get('stream-name')[0])));
    response.setError(errorStatus(code, details, deleted, 'event_store.client.StreamDeleted'));
  } else if (exception === 'maximum-append-size-exceeded') {
    const tooLarge = new shared.MaximumAppendSizeExceeded();
    tooLarge.setMaxappendsize(Number(metadata.get('maximum-append-size')[0]));
    response.setError(errorStatus(code, details, tooLarge, 'event_store.client.MaximumAppendSizeExceeded'));
  } else {
    response.setError(errorStatus(code, details, new shared.Unknown(), 'event_store.client.Unknown'));
  }
  return response;
}

function errorStatus(
  code: number,
  message: string,
  details: { serializeBinary(): Uint8Array },
  type: string,
): InstanceType<typeof status.Status> {
  const packed = new any.Any();
  packed.pack(details.serializeBinary(), type);
  const error = new status.Status();
  error.setCode(code);
  error.setMessage(message);
  error.setDetails(packed);
  return error;
}

/** Of a single log, both positions are the event's place in it. */
export function placed<Message extends { setCommitPosition(value: string): unknown; setPreparePosition(value: string): unknown }>(
  message: Message,
  position: number,
): Message {
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  return message;
}
