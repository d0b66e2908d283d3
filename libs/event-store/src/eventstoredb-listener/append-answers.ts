import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { shared, status, streamIdentifier, streams, type AppendResp, type BatchAppendResp } from '../eventstoredb/messages.js';
import type { AppendOutcome } from './appending.js';

export function appendResp(outcome: AppendOutcome): AppendResp {
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

export function batchResp(outcome: AppendOutcome): BatchAppendResp {
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

export function batchError({ code, details, metadata }: ServiceError): BatchAppendResp {
  const response = new streams.BatchAppendResp();
  const exception = metadata.get('exception')[0];
  if (exception === 'stream-deleted') {
    const deleted = new shared.StreamDeleted();
    deleted.setStreamIdentifier(streamIdentifier(String(metadata.get('stream-name')[0])));
    response.setError(errorStatus(code, details, deleted, 'event_store.client.StreamDeleted'));
  } else if (exception === 'maximum-append-size-exceeded') {
    const tooLarge = new shared.MaximumAppendSizeExceeded();
    tooLarge.setMaxappendsize(Number(metadata.get('maximum-append-size')[0]));
    response.setError(errorStatus(code, details, tooLarge, 'event_store.client.MaximumAppendSizeExceeded'));
  } else if (exception === 'timeout' || code === grpcStatus.UNAVAILABLE || code === grpcStatus.RESOURCE_EXHAUSTED) {
    response.setError(errorStatus(code, details, new shared.Timeout(), 'event_store.client.Timeout'));
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
