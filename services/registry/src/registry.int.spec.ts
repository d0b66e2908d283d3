import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ServiceHealth,
  type AgentProfileMessage,
  type AgentService,
  type ListAgentsRequest,
  type ListServicesRequest,
  type ServiceRegistryService,
} from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createProjectionHost } from '@tutti/read-models';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import { AGENT_SERVICE, EVENT_STORE, LOGGER, PROJECTIONS, READ_MODELS, RUNTIME, SERVICE_REGISTRY, silentLogger } from '@tutti/service-kit';
import { registryConfig, RegistryLifecycle, RegistryModule } from './index.js';

const profile = (name: string, changes: Partial<AgentProfileMessage> = {}): AgentProfileMessage => ({
  name,
  version: '1.0.0',
  description: '',
  role: '',
  capabilities: ['text.summary'],
  specialisations: [],
  prompt: '',
  model: '',
  tools: [],
  limits: { concurrency: 1, timeoutMs: 0 },
  kind: 'class',
  metadata: {},
  ...changes,
});
const listAgents = (changes: Partial<ListAgentsRequest> = {}): ListAgentsRequest => ({
  capabilities: [],
  metadata: {},
  includeDeregistered: false,
  pageSize: 0,
  pageToken: '',
  minPosition: 0,
  ...changes,
});
const listServices = (changes: Partial<ListServicesRequest> = {}): ListServicesRequest => ({
  service: '',
  health: ServiceHealth.SERVICE_HEALTH_UNSPECIFIED,
  metadata: {},
  pageSize: 0,
  pageToken: '',
  minPosition: 0,
  ...changes,
});
const instance = (id: string, service = 'coordinator') => ({
  id,
  service,
  version: '0.1.0',
  addresses: ['http://127.0.0.1:4710'],
  metadata: { zone: 'a' },
  leaseMs: 10_000,
  actor: `service:${service}`,
});
const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) });

let runtime: ManualRuntime;
let store: EventStore;
let readModels: ReturnType<typeof createInMemoryReadModels>;
let app: INestApplicationContext;
let agents: AgentService;
let services: ServiceRegistryService;

async function boot(): Promise<void> {
  const ports = [
    { provide: RUNTIME, useValue: runtime },
    { provide: LOGGER, useValue: silentLogger },
    { provide: EVENT_STORE, useValue: store },
    { provide: READ_MODELS, useValue: readModels },
    { provide: PROJECTIONS, useValue: createProjectionHost({ store, readModels, runtime }) },
  ];
  @Global()
  @Module({ providers: ports, exports: ports.map(({ provide }) => provide) })
  class Ports {}
  @Module({ imports: [Ports, RegistryModule.register(registryConfig.parse({}))] })
  class Root {}
  app = await NestFactory.createApplicationContext(Root, { logger: false });
  await app.get(RegistryLifecycle).start();
  agents = app.get(AGENT_SERVICE);
  services = app.get(SERVICE_REGISTRY);
}

async function shutDown(): Promise<void> {
  await app.get(RegistryLifecycle).stop();
  await app.close();
}

async function recorded(stream: string): Promise<string[]> {
  const types: string[] = [];
  for await (const event of store.readStream(stream)) types.push(event.type);
  return types;
}

beforeEach(async () => {
  runtime = createManualRuntime();
  store = createInMemoryEventStore(runtime);
  readModels = createInMemoryReadModels();
  await boot();
});
afterEach(shutDown);

describe('the registry of agents', () => {
  it('answers a registration with what queries then see, and stores nothing for a repeat', async () => {
    const first = await agents.registerAgent({ profile: profile('writer'), actor: 'user:ada' });
    const second = await agents.registerAgent({ profile: profile('writer'), actor: 'user:bob' });
    expect(first).toMatchObject({ changed: true, agent: { status: 'registered', generation: 1, profile: { name: 'writer' } } });
    expect(second).toEqual({ ...first, changed: false });
    expect(await agents.getAgent({ name: 'writer', minPosition: first.position })).toEqual({ agent: first.agent });
    expect(await recorded('agent-writer')).toEqual(['AgentRegistered']);
  });

  it('counts generations and keeps the time of the registration when a profile changes', async () => {
    const { agent: before } = await agents.registerAgent({ profile: profile('writer'), actor: '' });
    await runtime.advance(60_000);
    const { agent: after } = await agents.registerAgent({ profile: profile('writer', { version: '1.1.0' }), actor: '' });
    expect(after).toMatchObject({ generation: 2, registeredAt: before?.registeredAt, profile: { version: '1.1.0' } });
    expect(Date.parse(after?.changedAt ?? '') - Date.parse(before?.changedAt ?? '')).toBe(60_000);
  });

  it('finds agents that have all of the capabilities and all of the metadata', async () => {
    await agents.registerAgent({
      profile: profile('a', { capabilities: ['x.one', 'x.two'], metadata: { engine: 'offline', level: 3 } }),
      actor: '',
    });
    await agents.registerAgent({ profile: profile('b', { capabilities: ['x.one'], metadata: { engine: 'offline' } }), actor: '' });
    await agents.registerAgent({ profile: profile('c', { capabilities: ['x.two', 'x.one'] }), actor: '' });
    const names = async (request: Partial<ListAgentsRequest>) =>
      (await agents.listAgents(listAgents(request))).agents.map((agent) => agent.profile?.name);
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ capabilities: ['x.one', 'x.two'] })).toEqual(['a', 'c']);
    expect(await names({ capabilities: ['x.one'], metadata: { engine: 'offline' } })).toEqual(['a', 'b']);
    expect(await names({ metadata: { level: '3' } })).toEqual(['a']);
    expect(await names({ capabilities: ['x.three'] })).toEqual([]);
  });

  it('no longer finds an agent by a capability that its changed profile has dropped', async () => {
    await agents.registerAgent({ profile: profile('a', { capabilities: ['x.one', 'x.two'] }), actor: '' });
    const { position } = await agents.registerAgent({ profile: profile('a', { capabilities: ['x.two'] }), actor: '' });
    expect((await agents.listAgents(listAgents({ capabilities: ['x.one'], minPosition: position }))).agents).toEqual([]);
  });

  it('walks through pages that match', async () => {
    for (let index = 0; index < 7; index++)
      await agents.registerAgent({ profile: profile(`agent-${index}`, { metadata: { even: index % 2 === 0 } }), actor: '' });
    const request = listAgents({ metadata: { even: 'true' }, pageSize: 2 });
    const first = await agents.listAgents(request);
    const second = await agents.listAgents({ ...request, pageToken: first.nextPageToken });
    expect(first.agents.map((agent) => agent.profile?.name)).toEqual(['agent-0', 'agent-2']);
    expect(second.agents.map((agent) => agent.profile?.name)).toEqual(['agent-4', 'agent-6']);
    expect(second.nextPageToken).toBe('');
  });

  it('hides deregistered agents from lists unless asked, but not from a look at one', async () => {
    await agents.registerAgent({ profile: profile('writer'), actor: '' });
    const { position } = await agents.deregisterAgent({ name: 'writer', actor: 'user:ada', reason: 'retired' });
    expect((await agents.listAgents(listAgents({ minPosition: position }))).agents).toEqual([]);
    expect((await agents.listAgents(listAgents({ includeDeregistered: true }))).agents).toMatchObject([{ status: 'deregistered' }]);
    expect(await agents.getAgent({ name: 'writer', minPosition: 0 })).toMatchObject({ agent: { status: 'deregistered' } });
    expect(await agents.registerAgent({ profile: profile('writer'), actor: '' })).toMatchObject({
      changed: true,
      agent: { status: 'registered', generation: 2 },
    });
  });

  it('refuses a profile of another shape and names every path, what was found and what was expected', async () => {
    const bad = { ...profile('Bad Name'), capabilities: [], limits: { concurrency: 0, timeoutMs: 0 } };
    await expect(agents.registerAgent({ profile: bad, actor: '' })).rejects.toEqual(
      refusal(
        'INVALID_REQUEST',
        /profile\.name: found "Bad Name", expected lower-case words.*profile\.capabilities: found \[\], expected array to have >=1 items.*profile\.limits\.concurrency: found 0, expected number to be >=1/,
      ),
    );
    await expect(agents.registerAgent({ actor: '' })).rejects.toEqual(
      refusal('INVALID_REQUEST', /profile: found nothing, expected object/),
    );
    expect(await store.head()).toBe(-1);
  });

  it('lists a paused agent as such, also when its profile changes, until it is resumed', async () => {
    await agents.registerAgent({ profile: profile('writer'), actor: '' });
    const status = async (minPosition: number) => (await agents.listAgents(listAgents({ minPosition }))).agents[0]?.status;
    const { position } = await agents.pauseAgent({ name: 'writer', actor: 'user:ada', reason: 'the model is down' });
    expect(await status(position)).toBe('paused');
    const changed = await agents.registerAgent({ profile: { ...profile('writer'), version: '9.0.0' }, actor: '' });
    expect(changed.agent).toMatchObject({ status: 'paused', profile: { version: '9.0.0' } });
    const resumed = await agents.resumeAgent({ name: 'writer', actor: 'user:ada', reason: '' });
    expect(await status(resumed.position)).toBe('registered');
  });

  it('says AGENT_NOT_FOUND for an agent that never was', async () => {
    await expect(agents.getAgent({ name: 'nobody', minPosition: 0 })).rejects.toEqual(refusal('AGENT_NOT_FOUND', /nobody/));
    await expect(agents.deregisterAgent({ name: 'nobody', actor: '', reason: '' })).rejects.toEqual(refusal('AGENT_NOT_FOUND', /nobody/));
  });

  it('waits for the position a query names, and gives up in time', async () => {
    await agents.registerAgent({ profile: profile('writer'), actor: '' });
    const ahead = agents.getAgent({ name: 'writer', minPosition: 1_000 }).catch((error: unknown) => error);
    await runtime.advance(5_000);
    expect(await ahead).toEqual(refusal('TIMED_OUT', /1000/));
  });
});

describe('the registry of services', () => {
  it('lists a registered instance as healthy until its lease', async () => {
    const { instance: registered, position } = await services.registerService(instance('coordinator-1'));
    expect(registered).toMatchObject({
      id: 'coordinator-1',
      health: ServiceHealth.SERVICE_HEALTH_HEALTHY,
      leaseUntil: new Date(runtime.clock.now() + 10_000).toISOString(),
    });
    expect((await services.listServices(listServices({ minPosition: position }))).instances).toEqual([registered]);
  });

  it('finds instances by service, metadata and health', async () => {
    await services.registerService(instance('coordinator-1'));
    await services.registerService({ ...instance('coordinator-2'), metadata: { zone: 'b' } });
    await services.registerService(instance('gateway-1', 'gateway'));
    await services.renewService({ id: 'gateway-1', healthy: false });
    const ids = async (request: Partial<ListServicesRequest>) =>
      (await services.listServices(listServices(request))).instances.map(({ id }) => id);
    expect(await ids({})).toEqual(['coordinator-1', 'coordinator-2', 'gateway-1']);
    expect(await ids({ service: 'coordinator' })).toEqual(['coordinator-1', 'coordinator-2']);
    expect(await ids({ service: 'coordinator', metadata: { zone: 'b' } })).toEqual(['coordinator-2']);
    expect(await ids({ health: ServiceHealth.SERVICE_HEALTH_UNHEALTHY })).toEqual(['gateway-1']);
    expect(await ids({ health: ServiceHealth.SERVICE_HEALTH_HEALTHY })).toEqual(['coordinator-1', 'coordinator-2']);
  });

  it('keeps an instance that renews, without recording renewals', async () => {
    await services.registerService(instance('coordinator-1'));
    for (let round = 0; round < 5; round++) {
      await runtime.advance(8_000);
      await services.renewService({ id: 'coordinator-1', healthy: true });
    }
    expect((await services.listServices(listServices())).instances).toHaveLength(1);
    expect(await recorded('service-coordinator-1')).toEqual(['ServiceRegistered']);
  });

  it('records the end of a lease that was not renewed, and shows the instance as expired only when asked for', async () => {
    await services.registerService(instance('coordinator-1'));
    await runtime.advance(10_001);
    expect(await recorded('service-coordinator-1')).toEqual(['ServiceRegistered', 'ServiceDeregistered']);
    const minPosition = await store.head();
    expect((await services.listServices(listServices({ minPosition }))).instances).toEqual([]);
    const { instances } = await services.listServices(listServices({ health: ServiceHealth.SERVICE_HEALTH_EXPIRED }));
    expect(instances).toMatchObject([{ id: 'coordinator-1', health: ServiceHealth.SERVICE_HEALTH_EXPIRED }]);
  });

  it('refuses to renew or update what has expired, and takes it back when it registers', async () => {
    await services.registerService(instance('coordinator-1'));
    await runtime.advance(10_001);
    await expect(services.renewService({ id: 'coordinator-1', healthy: true })).rejects.toEqual(
      refusal('LEASE_EXPIRED', /coordinator-1.*register it again/),
    );
    const { id, addresses, metadata, actor } = instance('coordinator-1');
    await expect(services.updateService({ id, addresses, metadata, actor })).rejects.toEqual(refusal('LEASE_EXPIRED', /coordinator-1/));
    expect(await services.registerService(instance('coordinator-1'))).toMatchObject({
      instance: { health: ServiceHealth.SERVICE_HEALTH_HEALTHY },
    });
  });

  it('refuses to renew what was never registered or was taken out', async () => {
    await expect(services.renewService({ id: 'coordinator-9', healthy: true })).rejects.toEqual(
      refusal('SERVICE_NOT_FOUND', /coordinator-9/),
    );
    await services.registerService(instance('coordinator-1'));
    await services.deregisterService({ id: 'coordinator-1', actor: '' });
    await expect(services.renewService({ id: 'coordinator-1', healthy: true })).rejects.toEqual(
      refusal('SERVICE_NOT_FOUND', /coordinator-1/),
    );
    await runtime.advance(20_000);
    expect(await recorded('service-coordinator-1')).toEqual(['ServiceRegistered', 'ServiceDeregistered']);
  });

  it('starts the clocks of all leases afresh after a restart', async () => {
    await services.registerService(instance('coordinator-1'));
    await runtime.advance(9_000);
    await shutDown();
    await boot();
    await runtime.advance(9_000);
    expect((await services.listServices(listServices())).instances).toMatchObject([{ health: ServiceHealth.SERVICE_HEALTH_HEALTHY }]);
    await runtime.advance(1_001);
    expect(await recorded('service-coordinator-1')).toEqual(['ServiceRegistered', 'ServiceDeregistered']);
  });

  it('tries again to record an expiry that the store refused', async () => {
    await services.registerService(instance('coordinator-1'));
    const append = store.append.bind(store);
    let refusals = 2;
    store.append = (...call: Parameters<EventStore['append']>) =>
      refusals-- > 0 ? Promise.reject(new TuttiError('DISK_FULL', 'no space')) : append(...call);
    await runtime.advance(10_001);
    expect(await recorded('service-coordinator-1')).toEqual(['ServiceRegistered']);
    await runtime.advance(2_000);
    expect(await recorded('service-coordinator-1')).toEqual(['ServiceRegistered', 'ServiceDeregistered']);
  });

  it('keeps an instance that registers anew in the moment its lease runs out', async () => {
    await services.registerService(instance('coordinator-1'));
    const append = store.append.bind(store);
    let registering: Promise<unknown> = Promise.resolve();
    store.append = (...call: Parameters<EventStore['append']>) => {
      store.append = append;
      registering = services.registerService(instance('coordinator-1'));
      return append(...call);
    };
    await runtime.advance(10_001);
    await registering;
    expect(await recorded('service-coordinator-1')).toEqual(['ServiceRegistered', 'ServiceDeregistered', 'ServiceRegistered']);
    const minPosition = await store.head();
    expect((await services.listServices(listServices({ minPosition }))).instances).toMatchObject([
      { health: ServiceHealth.SERVICE_HEALTH_HEALTHY },
    ]);
  });

  it('refuses a lease outside its bounds and an address that is no URL', async () => {
    const bad = { ...instance('coordinator-1'), leaseMs: 10, addresses: ['nowhere'] };
    await expect(services.registerService(bad)).rejects.toEqual(
      refusal('INVALID_REQUEST', /addresses\.0: found "nowhere".*leaseMs: found 10, expected number to be >=1000/),
    );
  });
});
