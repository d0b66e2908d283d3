import { readConfig } from '@tutti/service-kit';
import { runProcess } from '@tutti/service-process';
import { metricsProcessConfig } from './process/metrics-process.config.js';
import { createMetricsProcess } from './process/metrics-process.js';

await runProcess(process, {
  name: 'metrics',
  usage: `Usage: node services/metrics/dist/main.js [options]

Counts what runs, tasks, gates and approvals do, from its start on, and shows it to Prometheus at /metrics. Prints "ready <url>" when it does.

  --data-dir DIR  the data folder (default: .tutti)
  --port PORT     where it listens (default: 4720)
  --help          print this and end`,
  options: { 'data-dir': 'TUTTI_DATA_DIR', port: 'TUTTI_METRICS__PORT' },
  create: async (place, flags) => createMetricsProcess(await readConfig(metricsProcessConfig, place.cwd, place.environment, flags), place),
});
