import type { Cli } from '../cli.js';
import { usageFailure } from '../failure/failure.js';
import type { ConnectionSettings } from './settings.js';

/**
 * For commands that start a system here or work on its files.
 *
 * @throws Failure USAGE where an address is named: the folder of this machine is not what is meant then
 */
export async function localSettings(cli: Cli, command: string): Promise<ConnectionSettings> {
  const settings = await cli.settings();
  const hint = 'name a folder of this machine with --data-dir';
  if (settings.addressFrom === 'flag') throw usageFailure(`${command} works on files of this machine and takes no --url`, hint);
  if (settings.addressFrom === 'profile' && !startsSystem(command))
    throw usageFailure(`profile ${settings.profile} means the system at ${settings.url}; ${command} works on files of this machine`, hint);
  return settings;
}

/** A system of one's own is welcome whatever the profile means. */
function startsSystem(command: string): boolean {
  return command === 'up' || command === 'dev';
}
