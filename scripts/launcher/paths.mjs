import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function inModules(...segments) {
  return join(root, 'node_modules', ...segments);
}

/** Where `npm run verify` leaves jest's JSON report. */
export const jestReport = inModules('.cache/tutti/jest.json');

/** Where `npm run test:integration` leaves its own. */
export const integrationReport = inModules('.cache/tutti/jest-integration.json');
