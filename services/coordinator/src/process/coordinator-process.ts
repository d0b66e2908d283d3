import 'reflect-metadata';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type { TaskChannel, WorkflowService } from '@tutti/contracts';
import { COORDINATOR_CONTRACTS, TASK_CHANNEL, WORKFLOW_SERVICE, type Phase } from '@tutti/service-kit';
import {
  diagnosticsOf,
  InternalServices,
  openProcessParts,
  ServiceLife,
  untilConnected,
  type ProcessPlace,
  type ServedProcess,
} from '@tutti/service-process';
import { registerWorkflows } from '@tutti/workflow-files';
import { CoordinatorLifecycle } from '../coordinator.lifecycle.js';
import { Notifier } from '../notifications/notifier.js';
import { serveTaskChannel } from '../tasks/serve-task-channel.js';
import { Triggering } from '../triggers/triggering.js';
import { AmongOthers } from './among-others.js';
import type { CoordinatorProcessConfig } from './coordinator-process.config.js';
import { CoordinatorProcessModule } from './coordinator-process.module.js';
import { relayPhase } from './relay-phase.js';

/** Installed packages of workflows are looked for from here. */
const PACKAGE_BASE = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const CATCH_UP_LIMIT_MS = 600_000;

/** The coordinator in a process of its own. A data folder has one at a time, and others stand by; where processes share no folder, all of them share the runs. */
export async function createCoordinatorProcess(config: CoordinatorProcessConfig, place: ProcessPlace): Promise<ServedProcess> {
  const { cwd, environment, pid, print } = place;
  const parts = await openProcessParts({ name: 'coordinator', config, cwd, pid, mayHost: true });
  const { runtime, logger, tokens } = parts;
  const { directory, broker } = parts;
  const others = directory.partitions === null ? null : new AmongOthers({ parts, partitions: directory.partitions, config });
  const seat = others === null ? directory.seat('coordinator') : null;
  const services = new InternalServices({ parts, config, ...config.workerProcesses });
  const life = new ServiceLife({
    ...{ runtime, logger },
    wait: async () => {
      await untilConnected(parts);
      await seat?.take((holder) => print(`standby behind ${holder ?? 'another process'}`));
    },
    phases: async (): Promise<readonly Phase[]> => {
      const root = CoordinatorProcessModule.register(parts, config.coordinator, environment, others);
      const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
      const get = (token: symbol): unknown => app.get<unknown>(token, { strict: false });
      const coordinator = app.get(CoordinatorLifecycle, { strict: false });
      const triggering = app.get(Triggering, { strict: false });
      const notifier = app.get(Notifier, { strict: false });
      const workflows = get(WORKFLOW_SERVICE) as WorkflowService;
      const relay = broker === null ? null : relayPhase(parts, broker);
      serveTaskChannel(services.server.server, get(TASK_CHANNEL) as TaskChannel, { tokens, timers: runtime.timers, logger });
      services.add(
        COORDINATOR_CONTRACTS,
        get,
        diagnosticsOf(
          () => coordinator.projections(),
          () => (relay === null ? [] : [relay]),
        ),
      );
      const { workflowFolders: folders, workers } = config;
      const sources = { packages: workers.agentPackages, base: PACKAGE_BASE, folders, cwd, actor: 'service:coordinator' };
      return [
        {
          name: 'projections',
          start: () => coordinator.startProjections(),
          stop: () => coordinator.stopProjections(),
          startLimitMs: CATCH_UP_LIMIT_MS,
        },
        ...(others === null ? [] : [others.handBack()]),
        { name: 'owner', stop: () => coordinator.stopTimers() },
        // Open before runs are taken up: workers come back and say what they hold.
        services.listen('worker endpoint', ['workers']),
        { name: 'workflows', start: () => registerWorkflows(workflows, sources, logger) },
        { name: 'timers', start: () => coordinator.startTimers(), startLimitMs: CATCH_UP_LIMIT_MS },
        others?.triggers(triggering) ?? {
          name: 'triggers',
          start: () => triggering.start(),
          stop: () => triggering.stop(),
          startLimitMs: CATCH_UP_LIMIT_MS,
        },
        { name: 'notifications', start: () => notifier.start(), stop: () => notifier.stop() },
        ...(relay === null ? [] : [relay]),
        services.open('coordinator'),
        ...(others === null ? [] : [others.takeShare(() => services.listensAt)]),
      ];
    },
    close: async () => {
      others?.close();
      if (seat === null) await parts.close();
      else await seat.leaveAfter(() => parts.close());
    },
  });
  return {
    start: async () => {
      await life.start();
      return [`ready ${services.listensAt}`];
    },
    stop: () => life.stop(),
  };
}
