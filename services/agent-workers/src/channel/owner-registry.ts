import { credentials } from '@grpc/grpc-js';
import { AgentServiceService, type AgentService } from '@tutti/contracts';
import type { Clock } from '@tutti/kernel';
import { grpcClient, type GrpcConnection } from '@tutti/service-kit';
import type { OwnerEndpoint } from './grpc-task-channel.js';

interface Options {
  readonly endpoint: () => Promise<OwnerEndpoint>;
  readonly clock: Pick<Clock, 'now'>;
}

const DEADLINE_MS = 10_000;

/** The registry, wherever the owner's process serves it now. Calls fail with SHUTTING_DOWN while nobody does. */
export class OwnerRegistry {
  readonly agentService: AgentService;
  private open: { readonly endpoint: OwnerEndpoint; readonly connection: GrpcConnection<AgentService> } | null = null;

  constructor(private readonly options: Options) {
    const methods = Object.keys(AgentServiceService).map((name) => [
      name,
      async (request: unknown): Promise<unknown> => (await this.service())[name as keyof AgentService](request as never),
    ]);
    this.agentService = Object.fromEntries(methods) as AgentService;
  }

  close(): void {
    this.open?.connection.close();
    this.open = null;
  }

  private async service(): Promise<AgentService> {
    const endpoint = await this.options.endpoint();
    if (this.open?.endpoint.address === endpoint.address && this.open.endpoint.token === endpoint.token)
      return this.open.connection.service;
    this.close();
    const { clock } = this.options;
    const metadata = () => ({ authorization: `Bearer ${endpoint.token}` });
    const credential = credentials.createInsecure();
    const connection = grpcClient(AgentServiceService, endpoint.address, credential, { deadlineMs: DEADLINE_MS, clock, metadata });
    this.open = { endpoint, connection };
    return connection.service;
  }
}
