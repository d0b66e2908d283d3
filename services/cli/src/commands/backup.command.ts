import { resolve } from 'node:path';
import { z } from 'zod';
import { examples, type Action, type RegisterCommand } from '../command.js';
import type { Cli } from '../cli.js';
import { maintain } from '../connection/maintenance.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { usageFailure } from '../failure/failure.js';

const manifestSchema = z.object({
  events: z.number(),
  streams: z.number(),
  head: z.number(),
  files: z.array(z.object({ bytes: z.number() })),
});

const MIB = 1_024 * 1_024;

export const registerBackup: RegisterCommand = (program, act) => {
  const command = program.command('backup <folder>').description('copy the data folder as of this moment, while the system runs or not');
  examples(act(command, backup), 'tutti backup /backups/tutti-monday', 'tutti backup /backups/tutti --data-dir ~/tutti --json');
};

export const registerRestore: RegisterCommand = (program, act) => {
  const command = program
    .command('restore <backup>')
    .description('make a data folder of a backup; the folder must be empty or not be there');
  examples(act(command, restore), 'tutti restore /backups/tutti-monday --data-dir ./.tutti');
};

const backup: Action<object> = async (cli, [folder = '']): Promise<ExitCode> => {
  refuseAddress(cli, 'backup');
  const target = resolve(cli.environment.cwd, folder);
  const raw = await maintain(cli.environment, { command: 'backup', dataDir: cli.dataDir, folder: target });
  cli.result({ folder: target, ...raw }, () => cli.line(`${cli.style.green('✓')} ${cli.dataDir} is copied to ${target}: ${sizeOf(raw)}`));
  return EXIT.ok;
};

const restore: Action<object> = async (cli, [folder = '']): Promise<ExitCode> => {
  refuseAddress(cli, 'restore');
  const from = resolve(cli.environment.cwd, folder);
  const raw = await maintain(cli.environment, { command: 'restore', dataDir: cli.dataDir, folder: from });
  cli.result({ dataDir: cli.dataDir, ...raw }, () => {
    cli.line(`${cli.style.green('✓')} ${cli.dataDir} is made of ${from}: ${sizeOf(raw)}`);
    cli.line(cli.style.dim('read models are made again, and the token anew, by the next: tutti up'));
  });
  return EXIT.ok;
};

function sizeOf(raw: unknown): string {
  const { events, streams, head, files } = manifestSchema.parse(raw);
  const mib = files.reduce((sum, { bytes }) => sum + bytes, 0) / MIB;
  return `${events} events of ${streams} streams up to position ${head}, ${files.length} files, ${mib.toFixed(1)} MiB`;
}

function refuseAddress({ options }: Cli, command: string): void {
  if (options.url !== undefined)
    throw usageFailure(`${command} works on files of this machine and takes no --url`, 'name the folder with --data-dir');
}
