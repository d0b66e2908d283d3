import { Client, connectivityState, credentials } from '@grpc/grpc-js';
import type { Runtime } from '@tutti/kernel';
import { service as healthService } from 'grpc-health-check';
import { MAX_GRPC_MESSAGE_BYTES } from './serve-grpc.js';
import { callUnary } from './unary-call.js';
import type { UnaryDefinition } from './unary-service.js';

interface ProcessLinkOptions {
  /** Asked before every connection: who comes back may be elsewhere. Rejects while nobody is there. */
  readonly endpoint: () => Promise<{ readonly address: string }>;
  readonly runtime: Pick<Runtime, 'clock'>;
}

const HEALTH_CHECK = healthService['Check'] as unknown as UnaryDefinition[string];
const CONNECT_LIMIT_MS = 500;
const HEALTH_LIMIT_MS = 2_000;
/** A process that is stopped, not gone, is noticed after these two. */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 5_000 };
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

/** The connection to another process, wherever that is now. */
export class ProcessLink {
  private open: { readonly address: string; readonly client: Client } | null = null;
  private attempt: Promise<Client | null> | null = null;
  private closed = false;

  constructor(private readonly options: ProcessLinkOptions) {}

  /** Of the last connection; empty before the first. */
  get address(): string {
    return this.open?.address ?? '';
  }

  /** The connection, if there is one that stands. */
  standing(): Client | null {
    if (this.open === null || this.closed) return null;
    return this.open.client.getChannel().getConnectivityState(true) === connectivityState.READY ? this.open.client : null;
  }

  /** One try, which all share who ask meanwhile. Null when nobody is there. */
  connect(): Promise<Client | null> {
    const standing = this.standing();
    if (standing !== null) return Promise.resolve(standing);
    return (this.attempt ??= this.tryToConnect().finally(() => (this.attempt = null)));
  }

  /** Whether the process is there, and says itself that it is ready. Finds out as well that it is elsewhere now, whoever answers where it was. */
  async isReady(): Promise<boolean> {
    const endpoint = await this.options.endpoint().catch(() => null);
    if (endpoint !== null && endpoint.address !== this.address) this.drop();
    const client = await this.connect();
    if (client === null) return false;
    const limits = { deadlineMs: this.options.runtime.clock.now() + HEALTH_LIMIT_MS, metadata: {} };
    const answer = callUnary(client, HEALTH_CHECK, { service: '' }, limits) as Promise<{ readonly status: string }>;
    return answer.then(
      ({ status }) => status === 'SERVING',
      () => false,
    );
  }

  close(): void {
    this.closed = true;
    this.drop();
  }

  private async tryToConnect(): Promise<Client | null> {
    const endpoint = await this.options.endpoint().catch(() => null);
    if (endpoint === null || endpoint.address !== this.open?.address) this.drop();
    if (endpoint === null || this.closed) return null;
    this.open ??= { address: endpoint.address, client: clientOf(endpoint.address) };
    const { client } = this.open;
    return new Promise((resolve) => {
      client.waitForReady(this.options.runtime.clock.now() + CONNECT_LIMIT_MS, (error) => resolve(error === undefined ? client : null));
    });
  }

  private drop(): void {
    this.open?.client.close();
    this.open = null;
  }
}

function clientOf(address: string): Client {
  const limits = { 'grpc.max_receive_message_length': MAX_GRPC_MESSAGE_BYTES, 'grpc.enable_retries': 0 };
  return new Client(address, credentials.createInsecure(), { ...limits, ...KEEPALIVE, ...RECONNECT });
}
