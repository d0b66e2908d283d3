import { sharedSettings } from '@tutti/service-process';
import { z } from 'zod';
import { registryConfig } from '../registry.config.js';

/** What a registry in a process of its own is set by, out of the file and variables that all processes share. */
export const registryProcessConfig = z.object({ ...sharedSettings, registry: registryConfig });
export type RegistryProcessConfig = z.infer<typeof registryProcessConfig>;
