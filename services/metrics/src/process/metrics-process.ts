import 'reflect-metadata';
import type { ProcessPlace, ServedProcess } from '@tutti/service-process';
import { createFollowerProcess, type FollowerProgress } from '@tutti/service-process/follower';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { RunMetricsController } from '../collection/run-metrics.controller.js';
import { RunMetrics } from '../collection/run-metrics.js';
import { MetricsController } from '../exposition/metrics.controller.js';
import type { MetricsProcessConfig } from './metrics-process.config.js';

/** The metrics service in a process of its own: counts what is recorded from its start on. */
export function createMetricsProcess(config: MetricsProcessConfig, place: ProcessPlace): Promise<ServedProcess> {
  return createFollowerProcess({
    ...{ name: 'metrics', config, place, http: config.metrics, lookBack: 0 },
    create: (_, progress) => {
      const registry = new Registry();
      collectDefaultMetrics({ register: registry });
      countProgress(registry, progress);
      return {
        controllers: [RunMetricsController, MetricsController],
        providers: [
          { provide: Registry, useValue: registry },
          { provide: RunMetrics, useValue: new RunMetrics(registry) },
        ],
      };
    },
  });
}

/** How far the counting is, and what it lacks. */
export function countProgress(registry: Registry, progress: FollowerProgress): void {
  const registers = [registry];
  new Gauge({
    name: 'tutti_metrics_position',
    help: 'Position in the log up to which events are counted.',
    registers,
    collect() {
      this.set(progress.position);
    },
  });
  new Counter({
    name: 'tutti_metrics_failures_total',
    help: 'Events that were not counted: each is in the log of the service, with why.',
    registers,
    collect() {
      this.reset();
      this.inc(progress.failures);
    },
  });
}
