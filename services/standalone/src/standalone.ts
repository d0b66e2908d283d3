import 'reflect-metadata';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AgentWorkersLifecycle } from '@tutti/agent-workers';
import type { AgentService, RunService, TaskChannel, WorkflowService } from '@tutti/contracts';
import { CoordinatorLifecycle, Notifier, Triggering } from '@tutti/coordinator';
import { createGateway, ensureToken, removeServerInfo, writeServerInfo } from '@tutti/gateway';
import type { EventStore } from '@tutti/event-store';
import { isoTime } from '@tutti/kernel';
import { RegistryLifecycle } from '@tutti/registry';
import {
  AGENT_SERVICE,
  openServiceTokens,
  processTokens,
  RUN_SERVICE,
  startPhases,
  TASK_CHANNEL,
  WORKFLOW_SERVICE,
  type Phase,
} from '@tutti/service-kit';
import { FolderSeat, openTelemetry } from '@tutti/service-process';
import { registerWorkflows } from '@tutti/workflow-files';
import { AppModule, PACKAGE_BASE } from './app.module.js';
import { DoctorChecksHolder } from './doctor-checks.js';
import { openPorts } from './embedded-ports.js';
import { pageDirectory } from './page-directory.js';
import { WorkerEndpoint } from './worker-endpoint.js';
import type { StandaloneConfig } from './standalone.config.js';

export interface StandaloneOptions {
  readonly config: StandaloneConfig;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly pid: number;
}

export interface Standalone {
  readonly url: string;
  /** The page, with a token that was made here in the part of the address that browsers send to nobody; null when none was built. */
  readonly pageUrl: string | null;
  readonly token: string;
  readonly dataDir: string;
  readonly runs: RunService;
  readonly store: EventStore;
  /** Takes everything down in order. Repeats answer the first call. */
  stop(): Promise<void>;
}

/** What a data folder has one of, in whichever process. */
const SEATS = ['coordinator', 'registry', 'gateway'];

/**
 * All services in this process: store, projections, registry, workers, timers, gateway, in this order; back again in the reverse order.
 *
 * @throws TuttiError with what kept it from starting; everything that was up is down again then
 */
export async function startStandalone({ config, cwd, environment, version, pid }: StandaloneOptions): Promise<Standalone> {
  const dataDir = resolve(cwd, config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const telemetry = await openTelemetry({ service: 'standalone', pid, config, logFile: join(dataDir, 'tutti.log'), logFields: { pid } });
  const { runtime, logger, tracer } = telemetry;
  const ports = await openPorts({ dataDir, shared: config.workerProcesses.accept, minFreeBytes: config.minFreeBytes, runtime, logger });
  try {
    const token = await ensureToken(dataDir, config.gateway.token);
    const tokens = await openServiceTokens({ dataDir, service: 'standalone', runtime, logger });
    const doctor = new DoctorChecksHolder();
    const gateway = createGateway({
      ...{ config: config.gateway, token, version, runtime, logger, tracer },
      pageDirectory: pageDirectory(),
      serviceTokens: tokens,
      gauges: { storeQueue: () => ports.store.queueFill() },
    });
    const root = AppModule.register({ config, cwd, environment, ports, gateway, tokens, runtime, logger, tracer, doctor });
    const app = await NestFactory.create<NestFastifyApplication>(root, gateway.adapter, { logger: false, abortOnError: false });
    await app.init();
    const coordinator = app.get(CoordinatorLifecycle, { strict: false });
    const registry = app.get(RegistryLifecycle, { strict: false });
    const notifier = app.get(Notifier, { strict: false });
    const triggering = app.get(Triggering, { strict: false });
    const workers = app.get(AgentWorkersLifecycle, { strict: false });
    const workflows = app.get<WorkflowService>(WORKFLOW_SERVICE, { strict: false });
    const agents = app.get<AgentService>(AGENT_SERVICE, { strict: false });
    doctor.take({ ports, dataDir, minFreeBytes: config.minFreeBytes, coordinator, registry, agents });
    let url = '';
    const endpoint = config.workerProcesses.accept
      ? new WorkerEndpoint({
          config: config.workerProcesses,
          dataDir,
          tokens: processTokens(tokens),
          pid,
          ports,
          channel: app.get<TaskChannel>(TASK_CHANNEL, { strict: false }),
          agents,
          runtime,
          logger,
          tracer,
        })
      : null;
    const sources = {
      packages: config.workers.agentPackages,
      base: PACKAGE_BASE,
      folders: config.workflowFolders,
      cwd,
      actor: 'service:standalone',
    };
    const seats = SEATS.map((role) => new FolderSeat({ dataDir, role, runtime, logger }));
    const phases: readonly Phase[] = [
      { name: 'traces', stop: () => telemetry.close() },
      { name: 'ports', stop: () => ports.close(), stopLimitMs: 15_000 },
      {
        name: 'seats',
        start: async () => seats.forEach((seat) => seat.takeNow()),
        stop: async () => void (await Promise.all(seats.map((seat) => seat.leave()))),
      },
      {
        name: 'projections',
        start: () => coordinator.startProjections(),
        stop: () => coordinator.stopProjections(),
        startLimitMs: 600_000,
      },
      { name: 'registry', start: () => registry.start(), stop: () => registry.stop(), startLimitMs: 600_000 },
      { name: 'owner', stop: () => coordinator.stopTimers() },
      // Open before runs are taken up: workers come back and say what they hold.
      ...(endpoint === null ? [] : [{ name: 'worker endpoint', start: () => endpoint.start(), stop: () => endpoint.stop() }]),
      ...(config.embeddedWorker
        ? [{ name: 'workers', start: () => workers.start(), stop: () => workers.stop(), stopLimitMs: 30_000 }]
        : []),
      { name: 'workflows', start: () => registerWorkflows(workflows, sources, logger) },
      { name: 'timers', start: () => coordinator.startTimers(), startLimitMs: 600_000 },
      { name: 'triggers', start: () => triggering.start(), stop: () => triggering.stop(), startLimitMs: 600_000 },
      { name: 'notifications', start: () => notifier.start(), stop: () => notifier.stop() },
      {
        name: 'gateway',
        start: async () => {
          url = await gateway.start(app);
          await gateway.caughtUp;
          gateway.markReady();
          await writeServerInfo(dataDir, {
            url,
            grpcUrl: gateway.grpcUrl(),
            pid,
            startedAt: isoTime(runtime.clock.now()),
            version,
            ...endpoint?.info(),
          });
        },
        stop: async () => {
          gateway.markUnready('the service is stopping');
          await removeServerInfo(dataDir, pid);
          await gateway.stop();
        },
      },
    ];
    const running = await startPhases(phases, runtime, logger);
    logger.info('ready', { url, dataDir });
    return {
      url,
      pageUrl: gateway.hasPage ? `${url}/${config.gateway.token === undefined ? `#token=${token}` : ''}` : null,
      token,
      dataDir,
      store: ports.store,
      runs: app.get<RunService>(RUN_SERVICE, { strict: false }),
      stop: () => running.stop(),
    };
  } catch (error) {
    await ports.close();
    await telemetry.close();
    throw error;
  }
}
