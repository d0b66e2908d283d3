import { sharedSettings } from '@tutti/service-process';
import { z } from 'zod';
import { gatewayConfig } from '../gateway.config.js';

/** What a gateway in a process of its own is set by, out of the file and variables that all processes share. */
export const gatewayProcessConfig = z.object({ ...sharedSettings, gateway: gatewayConfig.prefault({}) });
export type GatewayProcessConfig = z.infer<typeof gatewayProcessConfig>;
