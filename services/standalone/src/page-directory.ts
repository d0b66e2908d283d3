import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where the page is built to; there may be nothing. */
export function pageDirectory(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@tutti/dashboard/package.json')), 'dist');
}
