import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toTuttiError, TuttiError, type JsonObject } from '@tutti/kernel';
import type { Projection } from '@tutti/read-models';
import { createSystemRuntime } from '@tutti/service-kit/system';
import { ALL_PROJECTIONS } from '../all-projections.js';
import { createBackup } from './backup.js';
import { checkDataFolder } from './check-data-folder.js';
import { restoreBackup } from './restore.js';

// Of `tutti backup`, `tutti restore` and `tutti doctor`: prints one line of JSON, `{ "ok": … }` or `{ "error": { code, message } }`.

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };

try {
  answer({ ok: await carryOut(process.argv.slice(2)) });
} catch (error) {
  const { code, message } = toTuttiError(error);
  answer({ error: { code, message } });
  process.exitCode = 1;
}

async function carryOut(argv: readonly string[]): Promise<object> {
  const options = { 'data-dir': { type: 'string' }, folder: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const { 'data-dir': dataDir = '', folder = '' } = values;
  const runtime = createSystemRuntime();
  switch (positionals[0]) {
    case 'backup':
      return createBackup({ dataDir, target: folder, runtime, version });
    case 'restore':
      return restoreBackup({ from: folder, dataDir });
    case 'check':
      return checkDataFolder({ dataDir, projections: ALL_PROJECTIONS as unknown as readonly Projection<JsonObject>[], runtime });
    default:
      throw new TuttiError('INVALID_REQUEST', `${positionals[0] ?? 'nothing'} is not backup, restore or check`);
  }
}

function answer(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
