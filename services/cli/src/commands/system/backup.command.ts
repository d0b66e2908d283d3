import { defineCommand, type Args } from '../../command.js';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Cli } from '../../cli.js';
import { maintain } from '../../connection/maintenance.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { localSettings } from '../../connection/local-settings.js';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'copy the data folder as of this moment, while the system runs or not',
  args: [{ name: '<folder>', summary: 'where the copy goes; empty or not there', values: 'folder' }],
  names: 'the folder',
  examples: ['tutti backup /backups/tutti-monday', 'tutti backup /backups/tutti --data-dir ~/tutti --json'],
  act: backup,
});

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'make a data folder of a backup; the folder must be empty or not be there',
  args: [{ name: '<backup>', summary: 'folder of the backup', values: 'folder' }],
  names: 'the data folder',
  examples: ['tutti restore /backups/tutti-monday --data-dir ./.tutti'],
  act: restore,
});

const manifestSchema = z.object({
  events: z.number(),
  streams: z.number(),
  head: z.number(),
  files: z.array(z.object({ bytes: z.number() })),
});

const MIB = 1_024 * 1_024;

async function backup(cli: Cli, [folder = '']: Args): Promise<ExitCode> {
  const { dataDir } = await localSettings(cli, 'backup');
  const target = resolve(cli.environment.cwd, folder);
  const raw = await maintain(cli.environment, { command: 'backup', dataDir, folder: target });
  cli.result({ folder: target, ...raw }, () => cli.line(`${cli.style.green('✓')} ${dataDir} is copied to ${target}: ${sizeOf(raw)}`), [
    target,
  ]);
  return EXIT.ok;
}

async function restore(cli: Cli, [folder = '']: Args): Promise<ExitCode> {
  const { dataDir } = await localSettings(cli, 'restore');
  const from = resolve(cli.environment.cwd, folder);
  const raw = await maintain(cli.environment, { command: 'restore', dataDir, folder: from });
  cli.result(
    { dataDir, ...raw },
    () => {
      cli.line(`${cli.style.green('✓')} ${dataDir} is made of ${from}: ${sizeOf(raw)}`);
      cli.line(cli.style.dim('read models are made again, and the token anew, by the next: tutti up'));
    },
    [dataDir],
  );
  return EXIT.ok;
}

function sizeOf(raw: unknown): string {
  const { events, streams, head, files } = manifestSchema.parse(raw);
  const mib = files.reduce((sum, { bytes }) => sum + bytes, 0) / MIB;
  return `${events} events of ${streams} streams up to position ${head}, ${files.length} files, ${mib.toFixed(1)} MiB`;
}
