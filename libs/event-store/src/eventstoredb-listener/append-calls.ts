import { status as grpcStatus, type sendUnaryData, type ServerDuplexStream, type ServerReadableStream } from '@grpc/grpc-js';
import { appendResp, batchError, batchResp } from './append-answers.js';
import type { Appending, WireExpectation } from './appending.js';
import type { Clock } from '@tutti/kernel';
import { appendTooLarge, fault, faultOf } from './faults.js';
import {
  streamIdentifier,
  streamNameOf,
  type streams,
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
/** Of appends that are not answered yet, on one call. */
const MAX_WORKING = 2_000;

/** `Append`: options first, then an event a message, one answer at the end. */
export async function takeAppend(
  appending: Appending,
  maxAppendBytes: number,
  call: ServerReadableStream<AppendReq, AppendResp>,
  answer: sendUnaryData<AppendResp>,
): Promise<void> {
  try {
    let options: InstanceType<typeof streams.AppendReq.Options> | undefined;
    const taken = new TakenEvents(maxAppendBytes);
    for await (const message of call as AsyncIterable<AppendReq>) {
      if (message.hasOptions()) options = message.getOptions();
      const proposed = message.getProposedMessage();
      if (proposed !== undefined) taken.push(wireEventOf(proposed));
    }
    if (options === undefined)
      throw fault(grpcStatus.INVALID_ARGUMENT, 'invalid-argument', 'the first message of an append has its options');
    answer(null, appendResp(await appending.append(streamNameOf(options.getStreamIdentifier()), expectationOf(options), taken.events())));
  } catch (error) {
    answer(faultOf(error));
  }
}

interface BatchParts {
  readonly appending: Appending;
  readonly clock: Clock;
  readonly maxAppendBytes: number;
}

interface Batch {
  readonly options: InstanceType<typeof streams.BatchAppendReq.Options>;
  readonly taken: TakenEvents;
}

/** `BatchAppend`: appends side by side on one call, each answered under its correlation id. Who does not read the answers is not read from. */
export function takeBatchAppends(
  { appending, clock, maxAppendBytes }: BatchParts,
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
): void {
  const open = new Map<string, Batch>();
  let working = 0;
  let ended = false;
  let full = false;
  const goOn = (): void => {
    if (ended && working === 0) call.end();
    else if (!full && working < MAX_WORKING) call.resume();
  };
  call.on('drain', () => {
    full = false;
    goOn();
  });
  call.on('data', (message: BatchAppendReq) => {
    const correlation = message.getCorrelationId();
    const id = uuidText(correlation);
    const options = message.getOptions() ?? open.get(id)?.options;
    if (options === undefined || open.size > MAX_OPEN_BATCHES) {
      const why = 'a batch begins with its options, and there are bounds on those that are open';
      call.emit('error', fault(grpcStatus.INVALID_ARGUMENT, 'invalid-argument', why));
      return;
    }
    const batch = open.get(id) ?? { options, taken: new TakenEvents(maxAppendBytes) };
    for (const proposed of message.getProposedMessagesList()) batch.taken.push(wireEventOf(proposed));
    open.set(id, batch);
    if (!message.getIsFinal()) return;
    open.delete(id);
    working += 1;
    if (working >= MAX_WORKING) call.pause();
    const stream = streamNameOf(options.getStreamIdentifier());
    void answerBatch(appending, clock, stream, batch).then((response) => {
      response.setCorrelationId(correlation);
      response.setStreamIdentifier(streamIdentifier(stream));
      working -= 1;
      if (!call.cancelled && !call.write(response)) {
        full = true;
        call.pause();
      }
      goOn();
    });
  });
  call.on('end', () => {
    ended = true;
    goOn();
  });
}

async function answerBatch(appending: Appending, clock: Clock, stream: string, { options, taken }: Batch): Promise<BatchAppendResp> {
  try {
    const deadline = options.getDeadline()?.toDate().getTime() ?? Number.POSITIVE_INFINITY;
    if (deadline <= clock.now()) throw fault(grpcStatus.DEADLINE_EXCEEDED, 'timeout', 'the deadline was over before the append began');
    return batchResp(await appending.append(stream, batchExpectation(options), taken.events()));
  } catch (error) {
    return batchError(faultOf(error));
  }
}

/** Events of an append as they come; of one that is too large already the rest is not kept. */
class TakenEvents {
  private kept: WireEvent[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  push(event: WireEvent): void {
    this.bytes += event.data.length + event.metadata.length;
    if (this.bytes > this.maxBytes) this.kept = [];
    else this.kept.push(event);
  }

  /** @throws ServiceError when they are too large */
  events(): readonly WireEvent[] {
    if (this.bytes > this.maxBytes) throw appendTooLarge(this.maxBytes);
    return this.kept;
  }
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
