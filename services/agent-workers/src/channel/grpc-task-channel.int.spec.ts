import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Metadata, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { WorkerServiceService, type ConnectRequest, type ConnectResponse, type WorkerCall } from '@tutti/contracts';
import { createSystemRuntime, silentLogger } from '@tutti/service-kit';
import { GrpcTaskChannel } from './grpc-task-channel.js';

type Stream = ServerDuplexStream<ConnectRequest, ConnectResponse>;

/** An owner that the test speaks for. */
class ScriptedOwner {
  readonly calls: WorkerCall[] = [];
  address = '';
  private stream: Stream | null = null;
  private readonly server = new Server();

  async listen(): Promise<void> {
    this.server.addService(WorkerServiceService, {
      connect: (stream: Stream) => {
        this.stream = stream;
        stream.on('data', ({ calls }: ConnectRequest) => this.calls.push(...calls));
        stream.on('end', () => stream.end());
        stream.sendMetadata(new Metadata());
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    this.address = `127.0.0.1:${port}`;
  }

  breakStream(): void {
    this.stream?.end();
  }

  close(): void {
    this.server.forceShutdown();
  }
}

describe('the worker’s end of the stream to an owner', () => {
  const runtime = createSystemRuntime();
  let owner: ScriptedOwner;
  let channel: GrpcTaskChannel;
  beforeEach(async () => {
    owner = new ScriptedOwner();
    await owner.listen();
    channel = new GrpcTaskChannel({
      ...{ runtime, logger: silentLogger, limits: { firstWaitMs: 10, longestWaitMs: 20 } },
      endpoint: async () => Promise.resolve({ address: owner.address, token: 'token' }),
    });
  });
  afterEach(() => {
    channel.close();
    owner.close();
  });

  const until = async (holds: () => boolean): Promise<void> => {
    for (let tries = 0; !holds(); tries++) {
      if (tries > 1_000) throw new Error(`in vain; it was called for ${JSON.stringify(owner.calls)}`);
      await new Promise<void>((resolve) => runtime.timers.after(5, resolve));
    }
  };
  const kinds = (): readonly string[] =>
    owner.calls.map(({ announce, claim }) => (announce !== undefined ? 'announce' : claim !== undefined ? 'claim' : 'other'));

  it('asks the next owner again for what the one before did not answer, but tells it nothing that was true then', async () => {
    const announced = channel.announce({ worker: 'w1', pool: 'default', agents: [], holding: [] });
    const claimed = channel.claim('w1', { runId: 'r1', task: 'a', attempt: 1 });
    claimed.catch(() => undefined);
    await until(() => owner.calls.length === 2);
    owner.breakStream();
    await expect(announced).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
    await until(() => owner.calls.length === 3);
    expect(kinds()).toEqual(['announce', 'claim', 'claim']);
  });
});
