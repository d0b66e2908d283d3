import { credentials, type Server } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AgentServiceService, type Agent, type AgentProfileMessage, type AgentService, type RegisterAgentRequest } from '@tutti/contracts';
import { toTuttiError, TuttiError, type JsonValue } from '@tutti/kernel';
import { silentLogger } from '../logger.js';
import { createSystemRuntime } from '../system/system-runtime.js';
import { grpcClient } from './grpc-client.js';
import { createGrpcServer, listenGrpc, serveGrpc } from './serve-grpc.js';

const AT = '2026-01-01T00:00:00.123Z';
const PROFILE: AgentProfileMessage = {
  name: 'writer',
  version: '1.0.0',
  description: 'Schreibt – 書く ✍',
  role: '',
  capabilities: ['text.write', 'text.read'],
  specialisations: [],
  prompt: '',
  model: '',
  tools: [],
  limits: { concurrency: 4_294_967_295, timeoutMs: 0 },
  kind: 'class',
  metadata: { team: 'core', nested: { list: [1, -2.5, true, null, 'x', { deep: [] }], empty: {} }, 'a.b': '' },
};

/** Agents by name, with the mutable parts a test needs. */
class InMemoryAgents implements AgentService {
  private readonly agents = new Map<string, Agent>();
  failure: Error | null = null;

  async registerAgent({ profile }: RegisterAgentRequest) {
    if (this.failure !== null) throw this.failure;
    if (profile === undefined) throw new TuttiError('INVALID_REQUEST', 'expected a profile');
    const known = this.agents.get(profile.name);
    const agent = known ?? { profile, status: 'registered', registeredAt: AT, changedAt: undefined, generation: 1 };
    this.agents.set(profile.name, agent);
    return { agent, changed: known === undefined, position: Number.MAX_SAFE_INTEGER };
  }

  async deregisterAgent({ name }: { readonly name: string }) {
    this.agents.delete(name);
    return { position: 0 };
  }

  async pauseAgent() {
    return { position: 0 };
  }

  async resumeAgent() {
    return { position: 0 };
  }

  async getAgent({ name }: { readonly name: string }) {
    const agent = this.agents.get(name);
    if (agent === undefined)
      throw new TuttiError('AGENT_NOT_FOUND', `there is no agent "${name}" – keiner`, {
        details: { name, known: [...this.agents.keys()] },
      });
    return { agent };
  }

  async listAgents({
    capabilities,
    metadata,
  }: {
    readonly capabilities: readonly string[];
    readonly metadata: Readonly<Record<string, string>>;
  }) {
    const matches = ({ profile }: Agent): boolean =>
      capabilities.every((capability) => profile?.capabilities.includes(capability)) &&
      Object.entries(metadata).every(([key, value]) => profile?.metadata?.[key] === value);
    return { agents: [...this.agents.values()].filter(matches), nextPageToken: '' };
  }
}

interface Binding {
  readonly service: AgentService;
  close(): void;
}

function describeBinding(name: string, bind: (implementation: AgentService) => Promise<Binding>): void {
  describe(`a service over ${name}`, () => {
    let implementation: InMemoryAgents;
    let binding: Binding;
    beforeEach(async () => {
      implementation = new InMemoryAgents();
      binding = await bind(implementation);
    });
    afterEach(() => binding.close());

    const register = () => binding.service.registerAgent({ profile: PROFILE, actor: 'user:ann' });
    const failureOf = async (failure: Error): Promise<TuttiError> => {
      implementation.failure = failure;
      return register().then(
        () => new TuttiError('INTERNAL', 'did not fail'),
        (error: unknown) => toTuttiError(error),
      );
    };

    it('answers with everything it was given', async () => {
      expect(await register()).toEqual({
        agent: { profile: PROFILE, status: 'registered', registeredAt: AT, changedAt: undefined, generation: 1 },
        changed: true,
        position: Number.MAX_SAFE_INTEGER,
      });
      expect(await register()).toMatchObject({ changed: false });
    });

    it('answers with empty and absent values as they are', async () => {
      expect(await binding.service.deregisterAgent({ name: 'nobody', actor: '', reason: '' })).toEqual({ position: 0 });
      await register();
      const all = { includeDeregistered: false, pageSize: 0, pageToken: '', minPosition: 0 };
      expect(await binding.service.listAgents({ capabilities: ['text.write'], metadata: { team: 'core' }, ...all })).toMatchObject({
        agents: [{ profile: { name: 'writer' } }],
      });
      expect(await binding.service.listAgents({ capabilities: ['other'], metadata: {}, ...all })).toEqual({
        agents: [],
        nextPageToken: '',
      });
    });

    it('throws the error of the other side, whole', async () => {
      await register();
      const failed = await binding.service.getAgent({ name: 'nobody', minPosition: 0 }).catch((error: unknown) => toTuttiError(error));
      expect(failed).toMatchObject({
        name: 'TuttiError',
        code: 'AGENT_NOT_FOUND',
        kind: 'not-found',
        message: 'there is no agent "nobody" – keiner',
        retryable: false,
        details: { name: 'nobody', known: ['writer'] },
      });
    });

    it.each([
      ['one that may be retried', new TuttiError('OVERLOADED', 'later')],
      ['one that may not be retried against its code', new TuttiError('OVERLOADED', 'never', { retryable: false })],
      ['details that are no object', new TuttiError('INVALID_REQUEST', 'no', { details: ['a', null, 1] })],
      ['details that are null', new TuttiError('INVALID_REQUEST', 'no', { details: null })],
      ['a message of more than one line', new TuttiError('INVALID_CONFIG', 'first\nsecond\r\n\tthird %20')],
      ['an empty message', new TuttiError('CANCELLED', '')],
    ])('keeps an error equal: %s', async (_, error) => {
      const { code, kind, message, retryable, details } = await failureOf(error);
      expect({ code, kind, message, retryable, details }).toEqual({
        code: error.code,
        kind: error.kind,
        message: error.message,
        retryable: error.retryable,
        details: error.details,
      });
    });

    it('calls what nobody meant to throw INTERNAL', async () => {
      expect(await failureOf(new RangeError('boom'))).toMatchObject({ code: 'INTERNAL', message: 'boom' });
      expect(await failureOf('boom' as unknown as Error)).toMatchObject({ code: 'INTERNAL', message: 'boom' });
    });

    it('takes values larger than gRPC’s own default', async () => {
      const prompt = 'x'.repeat(6 * 1024 * 1024);
      const { agent } = await binding.service.registerAgent({ profile: { ...PROFILE, prompt }, actor: '' });
      expect(agent?.profile?.prompt.length).toBe(prompt.length);
    });
  });
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

async function serve(implementation: AgentService, options: Partial<Parameters<typeof serveGrpc>[3]> = {}): Promise<string> {
  const server = createGrpcServer();
  servers.push(server);
  serveGrpc(server, AgentServiceService, implementation, { logger: silentLogger, ...options });
  return `127.0.0.1:${await listenGrpc(server, '127.0.0.1', 0)}`;
}

/** gRPC's deadlines are in real time. */
const { clock } = createSystemRuntime();
const connect = (address: string, options: Partial<Parameters<typeof grpcClient>[3]> = {}) =>
  grpcClient(AgentServiceService, address, credentials.createInsecure(), { deadlineMs: 10_000, clock, ...options });

describeBinding('a direct call', (service) => Promise.resolve({ service, close: () => {} }));
describeBinding('gRPC', async (implementation) => connect(await serve(implementation)));

describe('the gRPC binding', () => {
  it('ends a call at its deadline with TIMED_OUT', async () => {
    const stuck = Object.assign(new InMemoryAgents(), { getAgent: () => new Promise<never>(() => {}) });
    const { service, close } = connect(await serve(stuck), { deadlineMs: 50 });
    await expect(service.getAgent({ name: 'writer', minPosition: 0 })).rejects.toMatchObject({ code: 'TIMED_OUT', retryable: true });
    close();
  });

  it('says that it may be tried again when nobody answers at the address', async () => {
    const server = createGrpcServer();
    const port = await listenGrpc(server, '127.0.0.1', 0);
    server.forceShutdown();
    const { service, close } = connect(`127.0.0.1:${port}`);
    await expect(service.getAgent({ name: 'writer', minPosition: 0 })).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      retryable: true,
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    close();
  });

  it('passes the caller’s metadata on to what runs the call', async () => {
    const seen: unknown[] = [];
    const address = await serve(new InMemoryAgents(), {
      around: (metadata, call) => {
        seen.push(metadata.get('traceparent'));
        return call();
      },
    });
    const { service, close } = connect(address, { metadata: () => ({ traceparent: '00-a-b-01' }) });
    await service.deregisterAgent({ name: 'writer', actor: '', reason: '' });
    expect(seen).toEqual([['00-a-b-01']]);
    close();
  });

  it('keeps the first problems of details that no header can carry', async () => {
    const agents = new InMemoryAgents();
    const problems: readonly JsonValue[] = Array.from({ length: 5_000 }, (_, line) => ({
      line,
      message: 'expected something else than what was found here',
    }));
    agents.failure = new TuttiError('DEFINITION_INVALID', 'x'.repeat(10_000), { details: { problems } });
    const { service, close } = connect(await serve(agents));
    const error = await service.registerAgent({ profile: PROFILE, actor: '' }).catch((thrown: unknown) => toTuttiError(thrown));
    expect(error).toMatchObject({ code: 'DEFINITION_INVALID', message: 'x'.repeat(4_000) });
    const kept = ((error as TuttiError).details as { readonly problems: readonly JsonValue[] }).problems;
    expect(kept.length).toBeGreaterThan(100);
    expect(kept).toEqual(problems.slice(0, kept.length));
    close();
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.com'])('does not listen on %s', async (host) => {
    await expect(listenGrpc(createGrpcServer(), host, 0)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('says which address is taken', async () => {
    const port = Number((await serve(new InMemoryAgents())).split(':')[1]);
    const second = createGrpcServer();
    await expect(listenGrpc(second, '127.0.0.1', port)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining(String(port)),
    });
    second.forceShutdown();
  });
});
