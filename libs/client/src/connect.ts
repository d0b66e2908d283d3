import { createApprovals, type Approvals } from './approvals.js';
import { createCalls } from './calls.js';
import { createEvents, type Events } from './events.js';
import { createHttpTransport } from './http/http-transport.js';
import type { EndpointSource } from './locating/endpoint.js';
import { locatedEndpoint, type ConnectionOptions, type Protocol } from './locating/locate-server.js';
import type { RetryPolicy } from './retry/retrying.js';
import { createRuns, type Runs } from './runs/runs.js';
import { createClientSystem } from './system/client-system.js';
import type { ClientSystem } from './system/client-system.port.js';
import type { Transport } from './transport.port.js';
import { createWorkflows, type Workflows } from './workflows.js';

export interface ConnectOptions extends ConnectionOptions {
  /** Default: `http`. gRPC takes an address like `grpc://127.0.0.1:50051`, and finds a system on this machine by itself as HTTP does. */
  readonly transport?: Protocol;
  /** Longest time for one try of one call. Default: 30,000. */
  readonly requestLimitMs?: number;
  /** How a call is tried again after a passing fault. Default: 8 tries within 30 s, waits from 200 ms to 5 s. */
  readonly retry?: Partial<RetryPolicy>;
  /** How long results and events wait for a server that is lost. Default: 60,000. */
  readonly reconnectLimitMs?: number;
  /** Clock, timers, ids, network and files. Default: those of this process. */
  readonly system?: Partial<ClientSystem>;
}

export interface Tutti {
  readonly workflows: Workflows;
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly events: Events;
  /** Lets connections go. What is under way ends with an error. */
  close(): void;
}

const RETRY: RetryPolicy = { tries: 8, limitMs: 30_000, firstWaitMs: 200, longestWaitMs: 5_000 };
const REQUEST_LIMIT_MS = 30_000;
const RECONNECT_LIMIT_MS = 60_000;

/** A client of the system at the address, or of the one that runs on this machine. Nothing is contacted before the first call. */
export function connect(options: ConnectOptions = {}): Tutti {
  const { transport: protocol = 'http', requestLimitMs = REQUEST_LIMIT_MS, reconnectLimitMs = RECONNECT_LIMIT_MS } = options;
  const system = { ...createClientSystem(), ...options.system };
  const endpoints = locatedEndpoint(options, system, protocol);
  const transport =
    protocol === 'http' ? createHttpTransport(endpoints, system, requestLimitMs) : lazyGrpcTransport(endpoints, system, requestLimitMs);
  const calls = createCalls(transport, system.runtime, { ...RETRY, ...options.retry }, reconnectLimitMs);
  return {
    workflows: createWorkflows(calls),
    runs: createRuns(calls),
    approvals: createApprovals(calls),
    events: createEvents(calls),
    close: () => transport.close(),
  };
}

/** The gRPC packages are loaded with the first call: who uses HTTP never loads them. */
function lazyGrpcTransport(endpoints: EndpointSource, { runtime }: ClientSystem, requestLimitMs: number): Transport {
  let loaded: Promise<Transport> | null = null;
  let open: Transport | null = null;
  const load = async (): Promise<Transport> => {
    const { createGrpcTransport } = await import('./grpc/grpc-transport.js');
    return (open = createGrpcTransport(endpoints, runtime.clock, requestLimitMs));
  };
  const transport = (): Promise<Transport> => (loaded ??= load());
  return {
    call: async (name, request, signal) => (await transport()).call(name, request, signal),
    follow: async (request) => (await transport()).follow(request),
    close: () => open?.close(),
  };
}
