import { Metadata, status, type Server, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  answerCall,
  WorkerServiceService,
  type ConnectRequest,
  type ConnectResponse,
  type OwnerAnswer,
  type TaskChannel,
  type WorkerCall,
} from '@tutti/contracts';
import { toTuttiError, type Timers } from '@tutti/kernel';
import { checkCaller, statusOf, type CallerTokens, type Logger } from '@tutti/service-kit';

interface ServeOptions {
  /** Tells workers of this data folder from others. */
  readonly tokens: Pick<CallerTokens, 'verify'>;
  readonly timers: Pick<Timers, 'soon'>;
  readonly logger: Logger;
  /** Calls of one worker that are not answered; reading from it pauses here. Default 4,096. */
  readonly maxInFlight?: number;
}

type Stream = ServerDuplexStream<ConnectRequest, ConnectResponse>;

const WORKER_PATTERN = /^[\w.-]{1,200}$/;
const ANSWERS_PER_MESSAGE = 128;

/** Lets workers in other processes use the channel, over one stream each. Add it to the server before that listens. */
export function serveTaskChannel(server: Server, channel: TaskChannel, options: ServeOptions): void {
  server.addService(WorkerServiceService, {
    connect: (stream: Stream) => {
      const worker = String(stream.metadata.get('tutti-worker')[0] ?? '');
      if (!WORKER_PATTERN.test(worker)) return refuse(stream, status.INVALID_ARGUMENT, 'expected the worker’s name in tutti-worker');
      checkCaller(stream.metadata, options.tokens).then(
        () => new WorkerStream(stream, worker, channel, options).open(),
        (error: unknown) => stream.emit('error', statusOf(toTuttiError(error))),
      );
    },
  });
}

function refuse(stream: Stream, code: status, details: string): void {
  stream.emit('error', { code, details });
}

/** The stream of one worker. Holds no more calls and answers than the limit. */
class WorkerStream {
  private readonly answers: OwnerAnswer[] = [];
  /** Calls without a written answer. */
  private inFlight = 0;
  private open_ = true;
  private blocked = false;
  private flushing = false;
  private readonly maxInFlight: number;

  constructor(
    private readonly stream: Stream,
    private readonly worker: string,
    private readonly channel: TaskChannel,
    private readonly options: ServeOptions,
  ) {
    this.maxInFlight = options.maxInFlight ?? 4_096;
  }

  open(): void {
    const { stream, worker, options } = this;
    stream.on('data', ({ calls }: ConnectRequest) => {
      for (const call of calls) void this.take(call);
      if (this.inFlight >= this.maxInFlight) stream.pause();
    });
    stream.on('drain', () => {
      this.blocked = false;
      this.flush();
    });
    stream.on('end', () => {
      this.open_ = false;
      stream.end();
    });
    stream.on('cancelled', () => (this.open_ = false));
    stream.on('error', (error: Error) => {
      this.open_ = false;
      options.logger.debug('the stream of a worker broke', { worker, err: error });
    });
    // At once, so that the worker knows that somebody is here.
    stream.sendMetadata(new Metadata());
  }

  private async take({ correlation, ...call }: WorkerCall): Promise<void> {
    this.inFlight += 1;
    const answer = await answerCall(this.channel, this.worker, call);
    this.answers.push({ correlation, ...answer });
    if (this.flushing) return;
    this.flushing = true;
    // Answers of one turn, like the results of one append, share messages.
    this.options.timers.soon(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    while (this.open_ && !this.blocked && this.answers.length > 0) {
      const some = this.answers.splice(0, ANSWERS_PER_MESSAGE);
      this.inFlight -= some.length;
      this.blocked = !this.stream.write({ answers: some });
    }
    if (this.inFlight < this.maxInFlight / 2) this.stream.resume();
  }
}
