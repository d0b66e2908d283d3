import { sharedSettings } from '@tutti/service-process';
import { z } from 'zod';
import { metricsConfig } from '../metrics.config.js';

/** What the metrics service is set by, out of the file and variables that all processes share. */
export const metricsProcessConfig = z.object({ ...sharedSettings, metrics: metricsConfig });
export type MetricsProcessConfig = z.infer<typeof metricsProcessConfig>;
