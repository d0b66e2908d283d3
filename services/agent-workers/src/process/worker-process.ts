import 'reflect-metadata';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type { Phase } from '@tutti/service-kit';
import {
  openProcessParts,
  ServiceLife,
  untilConnected,
  type ProcessParts,
  type ProcessPlace,
  type ServedProcess,
} from '@tutti/service-process';
import { AgentWorkersLifecycle } from '../agent-workers.lifecycle.js';
import { GrpcTaskChannel } from '../channel/grpc-task-channel.js';
import { RoutedTaskChannel } from '../channel/routed-task-channel.js';
import type { WorkerProcessConfig } from './worker-process.config.js';
import { WorkerProcessModule } from './worker-process.module.js';

/** Installed packages of agents are looked for from here. */
const PACKAGE_BASE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Agents may take long to load, and the owner to come. */
const START_LIMIT_MS = 86_400_000;
/** Draining takes what the configuration says, twice at most, and some seconds. */
const STOP_MARGIN_MS = 20_000;

/** A worker whose coordinators are other processes. They may be started in any order, and outlive each other. */
export async function createWorkerProcess(config: WorkerProcessConfig, { cwd, environment, pid }: ProcessPlace): Promise<ServedProcess> {
  const parts = await openProcessParts({ name: 'agent-workers', config, cwd, pid, mayHost: false });
  const { runtime, logger } = parts;
  const channel = channelTo(parts);
  let worker = '';
  let starting: AgentWorkersLifecycle | null = null;
  const life = new ServiceLife({
    ...{ runtime, logger },
    wait: () => untilConnected(parts),
    phases: async (): Promise<readonly Phase[]> => {
      const agentFolders = config.workers.agentFolders.map((path) => resolve(cwd, path));
      const connections = { parts, channel, registry: parts.remote('registry', 'the registry') };
      const root = WorkerProcessModule.register(
        connections,
        { ...config.workers, agentFolders },
        { base: PACKAGE_BASE, environment, tokens: parts.serviceTokens },
      );
      const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
      const lifecycle = app.get(AgentWorkersLifecycle);
      const start = async (): Promise<void> => {
        starting = lifecycle;
        await lifecycle.start();
        starting = null;
        worker = lifecycle.workerId() ?? '';
      };
      const stopLimitMs = 2 * config.workers.drainMs + config.workers.abortGraceMs + STOP_MARGIN_MS;
      return [{ name: 'workers', start, stop: () => lifecycle.stop(), startLimitMs: START_LIMIT_MS, stopLimitMs }];
    },
    // Nobody could be told of a departure: what waits for the owner ends first.
    startGraceMs: 0,
    close: async () => {
      channel.close();
      // Insists no more on whom it waits for.
      await starting?.stop();
      await parts.close();
    },
  });
  return {
    start: async () => {
      await life.start();
      parts.health.set('serving');
      return [`ready ${worker}`];
    },
    stop: () => {
      parts.health.set('stopping');
      return life.stop();
    },
  };
}

/** To the one coordinator that has all runs, or to each of those that share them. */
function channelTo({ directory, tokens, runtime, logger }: ProcessParts): GrpcTaskChannel | RoutedTaskChannel {
  const open = (find: () => Promise<string>): GrpcTaskChannel =>
    new GrpcTaskChannel({ endpoint: async () => ({ address: await find(), token: await tokens.issue() }), runtime, logger });
  const { partitions } = directory;
  if (partitions === null) return open(async () => (await directory.find('workers')).address);
  return new RoutedTaskChannel({ partitions, connect: (address) => open(() => Promise.resolve(address)), runtime, logger });
}
