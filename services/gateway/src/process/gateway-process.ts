import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { isoTime } from '@tutti/kernel';
import { RunOwners, type Phase } from '@tutti/service-kit';
import { openProcessParts, ServiceLife, untilConnected, type ProcessPlace, type ServedProcess } from '@tutti/service-process';
import { ensureToken } from '../door/token-file.js';
import { createGateway } from '../gateway.js';
import { removeServerInfo, writeServerInfo } from '../server-info/server-info-file.js';
import type { GatewayProcessConfig } from './gateway-process.config.js';
import { GatewayProcessModule } from './gateway-process.module.js';
import { processChecks } from './process-checks.js';
import { Readiness } from './readiness.js';

/** Where others than this machine could come in, it looks first whether anybody may. */
const START_LIMIT_MS = 600_000;
const DRAIN_MARGIN_MS = 5_000;

/**
 * The door in a process of its own. It listens at once, and lets calls in when the other processes are there for the first time. A data folder has one at a
 * time; others stand by. On backends that several machines share there may be any number.
 */
export async function createGatewayProcess(config: GatewayProcessConfig, { cwd, pid, print }: ProcessPlace): Promise<ServedProcess> {
  const parts = await openProcessParts({ name: 'gateway', config, cwd, pid, mayHost: true });
  const { dataDir, directory, runtime, logger, tracer, serviceTokens, tokens } = parts;
  const { partitions } = directory;
  const seat = partitions === null ? directory.seat('gateway') : null;
  if (seat === null && config.gateway.token === undefined)
    logger.warn(
      'this gateway has a token of its own: give all the same by gateway.token (TUTTI_GATEWAY__TOKEN), or sessions begun with it hold here alone',
    );
  const token = await ensureToken(dataDir, config.gateway.token);
  const page = pageDirectory();
  const version = versionOf();
  const gateway = createGateway({
    ...{ config: config.gateway, token, version, serviceTokens, runtime, logger, tracer },
    ...(page === null ? {} : { pageDirectory: page }),
  });
  const { callWaitMs: waitMs, maxWaitingCalls: maxWaiting, callLimitMs: callMs } = config.processes;
  const limits = { waitMs, maxWaiting, callMs };
  const owners = partitions === null ? null : new RunOwners({ partitions, tokens, runtime, logger, tracer, limits });
  const coordinator = owners ?? parts.remote('coordinator', 'the coordinator');
  const registry = parts.remote('registry', 'the registry');
  const readiness = new Readiness(gateway, ['the coordinator', 'the registry'], parts.connections);
  let url = '';
  const life = new ServiceLife({
    ...{ runtime, logger },
    wait: async () => seat?.take((holder) => print(`standby behind ${holder ?? 'another process'}`)),
    phases: async (): Promise<readonly Phase[]> => {
      const doctor = processChecks({ parts, minFreeBytes: config.minFreeBytes, coordinator, owners, registry });
      const root = GatewayProcessModule.register(gateway, { parts, coordinator, registry, doctor });
      const app = await NestFactory.create<NestFastifyApplication>(root, gateway.adapter, { logger: false, abortOnError: false });
      return [
        {
          name: 'gateway',
          start: async () => {
            url = await gateway.start(app);
            logger.info('listens', { url, dataDir });
          },
          stop: async () => {
            readiness.close();
            gateway.markUnready('the service is stopping');
            await removeServerInfo(dataDir, pid);
            await gateway.stop();
          },
          startLimitMs: START_LIMIT_MS,
          stopLimitMs: config.gateway.drainTimeoutMs + DRAIN_MARGIN_MS,
        },
      ];
    },
    close: async () => {
      readiness.close();
      owners?.close();
      await (seat === null ? parts.close() : seat.leaveAfter(() => parts.close()));
    },
  });
  const untilReady = async (): Promise<void> => {
    coordinator.watch((present) => readiness.set('the coordinator', present));
    registry.watch((present) => readiness.set('the registry', present));
    await untilConnected(parts);
    await readiness.ready();
    await gateway.caughtUp;
    await writeServerInfo(dataDir, { url, grpcUrl: gateway.grpcUrl(), pid, startedAt: isoTime(runtime.clock.now()), version });
    parts.health.set('serving');
    logger.info('ready', { url, dataDir });
  };
  return {
    start: async () => {
      await life.start();
      try {
        await untilReady();
      } catch (error) {
        await life.stop();
        throw error;
      }
      return [`ready ${url}`, ...(gateway.hasPage ? [`page ${url}/${config.gateway.token === undefined ? `#token=${token}` : ''}`] : [])];
    },
    stop: () => {
      parts.health.set('stopping');
      return life.stop();
    },
  };
}

/** Where the page is built to; null where it is not installed. */
function pageDirectory(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@tutti/dashboard/package.json')), 'dist');
  } catch {
    return null;
  }
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return version;
}
