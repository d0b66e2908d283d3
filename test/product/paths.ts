import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const standaloneMain = join(root, 'services', 'standalone', 'dist', 'main.js');
export const tuttiMain = join(root, 'services', 'cli', 'bin', 'tutti.mjs');
export const agentWorkersMain = serviceMain('agent-workers');

export type ServiceName = 'gateway' | 'coordinator' | 'registry' | 'agent-workers' | 'metrics' | 'self-improvement';

/** What starts a service as a process of its own. */
export function serviceMain(service: ServiceName): string {
  return join(root, 'services', service, 'dist', 'main.js');
}
