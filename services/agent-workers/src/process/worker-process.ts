import 'reflect-metadata';
import { join, resolve } from 'node:path';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mkdir } from 'node:fs/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TuttiError } from '@tutti/kernel';
import { createLogger, createSystemRuntime, within } from '@tutti/service-kit';
import { AgentWorkersLifecycle } from '../agent-workers.lifecycle.js';
import type { WorkerProcessConfig } from './worker-process.config.js';
import { connect, WorkerProcessModule, type Connections } from './worker-process.module.js';

interface WorkerProcessOptions {
  readonly config: WorkerProcessConfig;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
}

/** Installed packages of agents are looked for from here. */
const PACKAGE_BASE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const CLOSE_LIMIT_MS = 5_000;

/** A worker whose owner is another process. The two may be started in any order, and outlive each other. */
export class WorkerProcess {
  private readonly runtime = createSystemRuntime();
  private connections: Connections | null = null;
  private app: INestApplicationContext | null = null;
  private started = false;
  private stopped = false;

  constructor(private readonly options: WorkerProcessOptions) {}

  /**
   * Resolves to the worker's id when it takes tasks, however long the owner lets it wait.
   *
   * @throws TuttiError INVALID_CONFIG with every problem of every agent file; SHUTTING_DOWN when it was stopped before
   */
  async start(): Promise<string> {
    const { config, cwd, environment, pid } = this.options;
    const dataDir = resolve(cwd, config.dataDir);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const logger = createLogger({ level: config.logLevel, file: join(dataDir, 'tutti.log'), fields: { pid, process: 'agent-workers' } });
    this.connections = connect({ dataDir, runtime: this.runtime, logger });
    const workers = { ...config.workers, agentFolders: config.workers.agentFolders.map((folder) => resolve(cwd, folder)) };
    const root = WorkerProcessModule.register(this.connections, workers, { base: PACKAGE_BASE, environment });
    this.app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    if (!(await this.connections.storeHost.connected()))
      throw new TuttiError('SHUTTING_DOWN', 'the worker was stopped before its owner came');
    const lifecycle = this.app.get(AgentWorkersLifecycle);
    await lifecycle.start();
    this.started = true;
    return lifecycle.workerId() ?? '';
  }

  /** Drains, aborts, departs; at once when it was still waiting for its owner. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    // Nobody could be told of a departure: what waits for the owner ends first.
    if (!this.started) await this.close();
    await this.app?.get(AgentWorkersLifecycle).stop();
    await this.close();
  }

  private async close(): Promise<void> {
    const { connections } = this;
    this.connections = null;
    if (connections !== null) await within(this.runtime, CLOSE_LIMIT_MS, 'end of the connections', () => connections.close());
  }
}
