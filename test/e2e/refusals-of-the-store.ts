import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { endOfRun, installProbe, startProbe } from './probe-agent.js';
import { codeOf, type Ways } from './refusals-at-the-door.js';
import { Standalone, temporaryFolder } from '../product/standalone-process.js';

const ECHO = { capability: 'probe.echo', with: {} };
/** More than stands in an event itself. */
const LARGE = { text: 'large '.repeat(20_000) };

/** Codes of files that are full, damaged, gone or held by others; each on a system of its own. */
export function refusalsOfTheStore(): Ways {
  return {
    INVALID_CONFIG: () => codeOfStart(temporaryFolder(), { logLevel: 'loud' }),
    INTERNAL: () => {
      const folder = temporaryFolder();
      // A file where the data folder belongs is nothing that the program foresees.
      writeFileSync(join(folder, 'data'), '');
      return codeOfStart(folder);
    },
    STORE_LOCKED: async () => {
      const system = await Standalone.start();
      const code = await codeOfStart(system.folder);
      await system.stop();
      return code;
    },
    STORE_UNAVAILABLE: () =>
      onSystem({}, async (system) => {
        const other = new DatabaseSync(join(system.dataDir, 'events.db'));
        other.exec('BEGIN IMMEDIATE');
        const code = codeOf(await system.call('POST', '/v1/workflows', { body: { name: 'written', steps: { probe: ECHO } } }));
        other.close();
        return code;
      }),
    DISK_FULL: async () => {
      const folder = temporaryFolder();
      const before = await Standalone.start({ folder });
      await before.stop();
      return codeOfAny(folder, { minFreeBytes: Number.MAX_SAFE_INTEGER });
    },
    DATA_DAMAGED: () => afterBlobs((blob) => writeFileSync(blob, 'something else')),
    BLOB_NOT_FOUND: () => afterBlobs((blob) => rmSync(blob)),
  };
}

async function onSystem(config: object, work: (system: Standalone) => Promise<string>): Promise<string> {
  const system = await Standalone.start({ config });
  const code = await work(system);
  await system.stop();
  return code;
}

/** The code that a process which cannot start says last. */
async function codeOfStart(folder: string, config: object = {}): Promise<string> {
  const { code, out, err } = await Standalone.launch({ folder, config }).program.ended;
  if (code !== 1 || out !== '') throw new Error(`ended with ${code}: ${out}${err}`);
  return /\((\w+)\)\n$/.exec(err)?.[1] ?? err;
}

/** Writing fails, at the start or once it serves. */
async function codeOfAny(folder: string, config: object): Promise<string> {
  const system = await Standalone.start({ folder, config });
  const code = codeOf(await system.call('POST', '/v1/workflows', { body: { name: 'written', steps: { probe: ECHO } } }));
  await system.stop();
  return code;
}

/** Reads a run whose outputs lie in a blob that something happened to while the system was down. */
async function afterBlobs(happens: (blob: string) => void): Promise<string> {
  const folder = temporaryFolder();
  const config = { workers: installProbe(folder) };
  const before = await Standalone.start({ folder, config });
  const runId = await startProbe(before, 'large-outputs', ECHO, { outputs: { all: '${{ inputs.text }}' } }, LARGE);
  await endOfRun(before, runId);
  await before.stop();
  const blobs = join(before.dataDir, 'blobs');
  const names = readdirSync(blobs, { recursive: true, encoding: 'utf8' }).filter((name) => /[0-9a-f]{64}$/.test(name));
  for (const name of names) happens(join(blobs, name));
  const after = await Standalone.start({ folder, config });
  const code = codeOf(await after.call('GET', `/v1/runs/${runId}`));
  await after.stop();
  return code;
}
