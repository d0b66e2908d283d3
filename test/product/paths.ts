import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const standaloneMain = join(root, 'services', 'standalone', 'dist', 'main.js');
export const tuttiMain = join(root, 'services', 'cli', 'bin', 'tutti.mjs');
export const agentWorkersMain = join(root, 'services', 'agent-workers', 'dist', 'main.js');
