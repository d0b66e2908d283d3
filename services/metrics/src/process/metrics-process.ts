import 'reflect-metadata';
import type { ProcessPlace, ServedProcess } from '@tutti/service-process';
import { createFollowerProcess } from '@tutti/service-process/follower';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { RunMetrics } from '../collection/run-metrics.js';
import { MetricsController } from '../exposition/metrics.controller.js';
import type { MetricsProcessConfig } from './metrics-process.config.js';

/** The metrics service in a process of its own: counts what is recorded from its start on. */
export function createMetricsProcess(config: MetricsProcessConfig, place: ProcessPlace): Promise<ServedProcess> {
  return createFollowerProcess({
    ...{ name: 'metrics', config, place, http: config.metrics, lookBack: 0 },
    create: (_, position) => {
      const registry = new Registry();
      collectDefaultMetrics({ register: registry });
      const runs = new RunMetrics(registry);
      gaugePosition(registry, position);
      return {
        onEvent: (event) => runs.fold(event),
        controllers: [MetricsController],
        providers: [{ provide: Registry, useValue: registry }],
      };
    },
  });
}

function gaugePosition(registry: Registry, position: () => number): void {
  new Gauge({
    name: 'tutti_metrics_position',
    help: 'Position in the log up to which events are counted.',
    registers: [registry],
    collect() {
      this.set(position());
    },
  });
}
