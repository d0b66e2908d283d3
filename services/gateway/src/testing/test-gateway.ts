import 'reflect-metadata';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createInMemoryEventBus, type InMemoryEventBus } from '@tutti/event-bus/testing';
import { createInMemoryEventStore, type InMemoryEventStore } from '@tutti/event-store/testing';
import type { JsonObject, NewEvent, RecordedEvent } from '@tutti/kernel';
import { createProjectionHost } from '@tutti/read-models';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import {
  AGENT_SERVICE,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  EVENT_SERVICE,
  NOTIFICATION_SERVICE,
  PROJECTIONS,
  READ_MODELS,
  SCHEDULE_SERVICE,
  RUN_SERVICE,
  RUNTIME,
  SERVICE_REGISTRY,
  silentLogger,
  WORKFLOW_SERVICE,
} from '@tutti/service-kit';
import type { z } from 'zod';
import { createGateway, type Gateway } from '../gateway.js';
import { DOCTOR_CHECKS, type DoctorCheck } from '../gateway-parts.js';
import { gatewayConfig } from '../gateway.config.js';
import type { LoadGauges } from '../limits/load-monitor.js';
import { createFakeServices, type FakeServices } from './fake-services.js';
import { send, type Answer } from './http-client.js';

export const TOKEN = 'test-token-0123456789';
export const A_CHECK: DoctorCheck = { name: 'store', status: 'ok', detail: 'whole' };

export interface TestGateway {
  readonly url: string;
  readonly gateway: Gateway;
  readonly app: NestFastifyApplication;
  readonly services: FakeServices;
  readonly store: InMemoryEventStore;
  readonly bus: InMemoryEventBus;
  readonly runtime: ManualRuntime;
  /** A request with the token; JSON bodies get their content type. */
  call(
    method: string,
    path: string,
    options?: { readonly json?: unknown; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Answer>;
  append(stream: string, ...types: readonly string[]): Promise<readonly RecordedEvent[]>;
  stop(): Promise<void>;
}

interface TestOptions {
  readonly ready?: boolean;
  readonly pageDirectory?: string;
  readonly gauges?: Partial<LoadGauges>;
  /** That of another gateway, whose clock counts then: for what several on one log see of each other, or one after the other. */
  readonly beside?: Pick<TestGateway, 'store' | 'runtime'>;
}

/** A gateway that really listens, with fakes behind it and a clock that stands still. */
export async function startTestGateway(
  options: z.input<typeof gatewayConfig> = {},
  { ready = true, pageDirectory, gauges, beside }: TestOptions = {},
): Promise<TestGateway> {
  const runtime = beside?.runtime ?? createManualRuntime();
  const store = beside?.store ?? createInMemoryEventStore(runtime);
  const bus = createInMemoryEventBus(runtime);
  const services = createFakeServices();
  const readModels = createInMemoryReadModels();
  const config = gatewayConfig.parse({ port: 0, ...options });
  const gateway = createGateway({
    config,
    token: config.token ?? TOKEN,
    version: '0.1.0',
    runtime,
    logger: silentLogger,
    ...(pageDirectory === undefined ? {} : { pageDirectory }),
    ...(gauges === undefined ? {} : { gauges }),
  });
  const provide = new Map<symbol, unknown>([
    [RUNTIME, runtime],
    [LOGGER, silentLogger],
    [EVENT_STORE, store],
    [EVENT_BUS, bus],
    [READ_MODELS, readModels],
    [PROJECTIONS, createProjectionHost({ store, readModels, runtime })],
    [RUN_SERVICE, services],
    [WORKFLOW_SERVICE, services],
    [AGENT_SERVICE, services],
    [SERVICE_REGISTRY, services],
    [NOTIFICATION_SERVICE, services],
    [SCHEDULE_SERVICE, services],
    [EVENT_SERVICE, services],
    [DOCTOR_CHECKS, () => Promise.resolve([A_CHECK])],
  ]);
  const app = await NestFactory.create<NestFastifyApplication>(TestRoot.with(gateway.module, provide), gateway.adapter, {
    logger: false,
    abortOnError: false,
  });
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await app.close();
    if (beside === undefined) await store.close();
  };
  const url = await gateway.start(app).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  await gateway.caughtUp;
  if (ready) gateway.markReady();
  return {
    url,
    gateway,
    app,
    services,
    store,
    bus,
    runtime,
    call: (method, path, { json, headers = {} } = {}) =>
      send(url, path, {
        method,
        headers: {
          authorization: `Bearer ${config.token ?? TOKEN}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      }),
    append: async (stream, ...types) =>
      (
        await store.append(
          stream,
          types.map((type) => anEvent(runtime, type)),
          'any',
        )
      ).events,
    stop,
  };
}

export function anEvent(runtime: ManualRuntime, type: string, data: JsonObject = { cancelledBy: 'user:ann', reason: 'test' }): NewEvent {
  const metadata = {
    correlationId: 'c',
    causationId: null,
    traceparent: null,
    actor: 'user:ann',
    tenant: 'default',
    subject: null,
    keyId: null,
  };
  return { id: runtime.ids.next(), type, schemaVersion: 1, data, metadata };
}

@Global()
@Module({})
class TestRoot {
  static with(gateway: DynamicModule, provide: ReadonlyMap<symbol, unknown>): DynamicModule {
    const providers = [...provide].map(([token, value]) => ({ provide: token, useValue: value }));
    return { module: TestRoot, imports: [gateway], providers, exports: providers };
  }
}
