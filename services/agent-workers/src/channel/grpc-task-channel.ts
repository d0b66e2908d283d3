import { Client, credentials, Metadata, type ClientDuplexStream } from '@grpc/grpc-js';
import {
  announceCall,
  claimAnswer,
  failureFromWire,
  reportCall,
  WorkerServiceService,
  type AnnouncementAnswer,
  type AttemptOutcome,
  type AttemptRef,
  type BeatAnswer,
  type ChannelAnswer,
  type ChannelCall,
  type ClaimAnswer,
  type ConnectRequest,
  type ConnectResponse,
  type TaskChannel,
  type WorkerAnnouncement,
  type WorkerBeat,
} from '@tutti/contracts';
import { TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import { MAX_GRPC_MESSAGE_BYTES, type Logger } from '@tutti/service-kit';

export interface OwnerEndpoint {
  /** `host:port`. */
  readonly address: string;
  readonly token: string;
}

interface GrpcTaskChannelOptions {
  /** Asked before every connection: an owner that comes back may be elsewhere. Rejects while there is none. */
  readonly endpoint: () => Promise<OwnerEndpoint>;
  readonly runtime: Pick<Runtime, 'timers' | 'random'>;
  readonly logger: Logger;
  readonly limits?: Partial<ChannelLimits>;
}

export interface ChannelLimits {
  /** Calls sent and not answered; more wait here. */
  readonly inFlight: number;
  /** Calls sent or waiting; one more is refused with OVERLOADED. */
  readonly pending: number;
  /** Before a lost connection is made again; doubled up to the longest, with some chance in it. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** How often it is looked whether the other end still answers, and how long that may take: a connection may break without a word. */
  readonly keepAliveMs: number;
  readonly keepAliveLimitMs: number;
}

interface Pending {
  readonly correlation: number;
  readonly call: ChannelCall;
  readonly resolve: (answer: ChannelAnswer) => void;
  readonly reject: (error: TuttiError) => void;
}

type Stream = ClientDuplexStream<ConnectRequest, ConnectResponse>;

const DEFAULT_LIMITS: ChannelLimits = {
  ...{ inFlight: 1_024, pending: 20_000, firstWaitMs: 100, longestWaitMs: 2_000 },
  ...{ keepAliveMs: 10_000, keepAliveLimitMs: 5_000 },
};
const CALLS_PER_MESSAGE = 128;
const { connect } = WorkerServiceService;

/**
 * The worker's end of the stream to the owner. A call waits while the owner is away and is sent again on the next connection when its answer did
 * not come: it resolves or rejects by what the owner said, or with SHUTTING_DOWN when this end is closed. An announcement that was sent is not sent again, since what
 * the worker holds may be more by then: it ends with SHUTTING_DOWN, and is to be made anew.
 */
export class GrpcTaskChannel implements TaskChannel {
  /** In the order of the calls. */
  private readonly pending = new Map<number, Pending>();
  private unsent: Pending[] = [];
  private inFlight = 0;
  private correlations = 0;
  private worker: string | null = null;
  private link: { readonly client: Client; readonly stream: Stream; ready: boolean; blocked: boolean } | null = null;
  private failures = 0;
  private flushing = false;
  private cancelRetry: Cancel | null = null;
  private closed = false;
  private readonly limits: ChannelLimits;

  constructor(private readonly options: GrpcTaskChannelOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  async announce(announcement: WorkerAnnouncement): Promise<AnnouncementAnswer> {
    return expected((await this.call(announcement.worker, announceCall(announcement))).announce);
  }

  async beat(worker: string, { silent }: WorkerBeat): Promise<BeatAnswer> {
    return expected((await this.call(worker, { beat: { silent } })).beat);
  }

  async drain(worker: string): Promise<void> {
    await this.call(worker, { drain: {} });
  }

  async depart(worker: string): Promise<void> {
    await this.call(worker, { depart: {} });
  }

  async claim(worker: string, attempt: AttemptRef): Promise<ClaimAnswer> {
    return claimAnswer(expected((await this.call(worker, { claim: { attempt } })).claim));
  }

  async report(worker: string, attempt: AttemptRef, outcome: AttemptOutcome): Promise<void> {
    await this.call(worker, reportCall(attempt, outcome));
  }

  /** Calls without an answer reject with SHUTTING_DOWN. */
  close(): void {
    this.closed = true;
    this.cancelRetry?.();
    this.drop();
    for (const { reject } of this.pending.values()) reject(new TuttiError('SHUTTING_DOWN', 'the channel to the owner was closed'));
    this.pending.clear();
    this.unsent = [];
  }

  private call(worker: string, call: ChannelCall): Promise<ChannelAnswer> {
    this.worker ??= worker;
    return new Promise((resolve, reject) => {
      const refusal = this.refusal(worker);
      if (refusal !== null) return reject(refusal);
      const pending = { correlation: ++this.correlations, call, resolve, reject };
      this.pending.set(pending.correlation, pending);
      this.unsent.push(pending);
      if (this.link === null && this.cancelRetry === null && this.failures === 0) this.connectSoon(0);
      this.flushSoon();
    });
  }

  private refusal(worker: string): TuttiError | null {
    if (this.closed) return new TuttiError('SHUTTING_DOWN', 'the channel to the owner was closed');
    if (worker !== this.worker)
      return new TuttiError('INTERNAL', `the stream of worker ${this.worker ?? ''} cannot carry a call of worker ${worker}`);
    if (this.pending.size < this.limits.pending) return null;
    return new TuttiError('OVERLOADED', `${this.pending.size} calls wait for the owner; at most ${this.limits.pending} are taken`);
  }

  private connectSoon(waitMs: number): void {
    this.cancelRetry?.();
    this.cancelRetry = this.options.runtime.timers.after(waitMs, () => {
      this.connect().catch((error: unknown) => this.lost(error));
    });
  }

  private async connect(): Promise<void> {
    const { address, token } = await this.options.endpoint();
    if (this.closed) return;
    this.cancelRetry = null;
    const client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MAX_GRPC_MESSAGE_BYTES,
      'grpc.enable_retries': 0,
      'grpc.keepalive_time_ms': this.limits.keepAliveMs,
      'grpc.keepalive_timeout_ms': this.limits.keepAliveLimitMs,
    });
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    metadata.set('tutti-worker', this.worker ?? '');
    const stream = client.makeBidiStreamRequest(connect.path, connect.requestSerialize, connect.responseDeserialize, metadata);
    const link = { client, stream, ready: false, blocked: false };
    this.link = link;
    const lost = (error: unknown): void => {
      if (this.link === link) this.lost(error);
    };
    // The owner answers the opening of the stream at once.
    stream.on('metadata', () => this.joined(address));
    stream.on('data', ({ answers }: ConnectResponse) => {
      for (const { correlation, ...answer } of answers) this.answered(correlation, answer);
      this.flushSoon();
    });
    stream.on('drain', () => {
      link.blocked = false;
      this.flushSoon();
    });
    stream.on('error', lost);
    stream.on('end', () => lost(new TuttiError('SHUTTING_DOWN', `the owner at ${address} ended the stream`)));
  }

  private joined(address: string): void {
    if (this.link === null || this.link.ready) return;
    this.link.ready = true;
    if (this.failures > 0) this.options.logger.info('the owner is there', { worker: this.worker, address });
    this.failures = 0;
    this.flushSoon();
  }

  private lost(error: unknown): void {
    if (this.closed) return;
    this.drop();
    this.failures += 1;
    this.refuseAnnouncements();
    this.unsent = [...this.pending.values()];
    this.inFlight = 0;
    const { firstWaitMs, longestWaitMs } = this.limits;
    const waitMs =
      Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.failures - 1, 20)) * (0.75 + this.options.runtime.random.next() / 4);
    this.options.logger[this.failures === 1 ? 'warn' : 'debug']('no connection to the owner; calls wait', {
      worker: this.worker,
      err: error,
    });
    this.connectSoon(waitMs);
  }

  /** Whoever got one may have granted claims since: the next owner must not take the worker for not holding them. */
  private refuseAnnouncements(): void {
    const unsent = new Set(this.unsent);
    for (const pending of [...this.pending.values()]) {
      if (pending.call.announce === undefined || unsent.has(pending)) continue;
      this.pending.delete(pending.correlation);
      pending.reject(new TuttiError('SHUTTING_DOWN', 'the owner went away before it answered; what is held now is to be announced'));
    }
  }

  private drop(): void {
    const { link } = this;
    this.link = null;
    link?.stream.cancel();
    link?.client.close();
  }

  private answered(correlation: number, answer: ChannelAnswer): void {
    const pending = this.pending.get(correlation);
    if (pending === undefined) return;
    this.pending.delete(correlation);
    this.inFlight -= 1;
    if (answer.failure === undefined) pending.resolve(answer);
    else pending.reject(failureFromWire(answer.failure));
  }

  /** What is called for in one turn of the loop shares messages. */
  private flushSoon(): void {
    if (this.flushing || this.link?.ready !== true || this.unsent.length === 0) return;
    this.flushing = true;
    this.options.runtime.timers.soon(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    const { link } = this;
    while (link !== null && link === this.link && link.ready && !link.blocked && this.unsent.length > 0) {
      const room = Math.min(CALLS_PER_MESSAGE, this.limits.inFlight - this.inFlight);
      if (room <= 0) return;
      const some = this.unsent.splice(0, room);
      this.inFlight += some.length;
      link.blocked = !link.stream.write({ calls: some.map(({ correlation, call }) => ({ correlation, ...call })) });
    }
  }
}

function expected<Answer>(answer: Answer | undefined): Answer {
  if (answer === undefined) throw new TuttiError('INTERNAL', 'the owner answered something else than it was asked');
  return answer;
}
