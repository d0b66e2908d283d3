import { defineCommand } from '../../command.js';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { doctorCheck, type DoctorCheckView } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import type { ConnectionSettings } from '../../connection/settings.js';
import { configPath } from '../../profile/config-file.js';
import { locateServer } from '../../connection/locate-server.js';
import { maintain } from '../../connection/maintenance.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { isFailure } from '../../failure/failure.js';
import { sanitizeText } from '../../terminal/text-width.js';

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'look whether everything is as it should be, here and in the system',
  examples: ['tutti doctor', 'tutti doctor --json'],
  act: doctor,
});

const LEAST_NODE = 24;
const OTHERS_MAY = 0o077;

const folderCheck = z.object({ checks: z.array(doctorCheck) });

async function doctor(cli: Cli): Promise<ExitCode> {
  const settings = await cli.settings();
  const here = [nodeCheck(cli), await credentialCheck(cli, settings)];
  const { checks, running } = await systemChecks(cli, settings);
  const all = [...here, ...checks];
  cli.result({ checks: all }, () => {
    const marks = { ok: cli.style.green('✓'), warning: cli.style.yellow('!'), failed: cli.style.red('✗') };
    for (const { name, status, detail } of all)
      cli.line(`${marks[status]} ${sanitizeText(name)}${detail === '' ? '' : `  ${cli.style.dim(sanitizeText(detail))}`}`);
  });
  const damaged = all.some(({ name, status }) => status === 'failed' && name !== 'system');
  if (damaged) return EXIT.failed;
  return running ? (all.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.ok) : EXIT.notRunning;
}

async function systemChecks(
  cli: Cli,
  settings: ConnectionSettings,
): Promise<{ readonly checks: readonly DoctorCheckView[]; readonly running: boolean }> {
  const located = await locateServer(settings, cli.environment);
  if (located.kind === 'absent') {
    const absent: DoctorCheckView = { name: 'system', status: 'failed', detail: `${located.reason}; start it with: tutti up` };
    return { running: false, checks: [absent, ...(await folderChecks(settings.dataDir, cli))] };
  }
  const { api } = await cli.connectTo(located.endpoint);
  try {
    const { version, node } = (await api.version()).value;
    const reached: DoctorCheckView = { name: 'system', status: 'ok', detail: `${located.endpoint.url}, Tutti ${version}, Node ${node}` };
    return { running: true, checks: [reached, ...(await api.doctor()).value.checks] };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const running = error.exitCode !== EXIT.notRunning;
    return { running, checks: [{ name: 'system', status: 'failed', detail: `${located.endpoint.url}: ${error.message} (${error.code})` }] };
  }
}

/** Of the files that a stopped system left. */
async function folderChecks(dataDir: string, { environment }: Cli): Promise<readonly DoctorCheckView[]> {
  if (!existsSync(join(dataDir, 'events.db'))) return [];
  try {
    return folderCheck.parse(await maintain(environment, { command: 'check', dataDir })).checks;
  } catch (error) {
    if (!isFailure(error) || error.code === 'INTERRUPTED') throw error;
    return [{ name: 'data folder', status: 'failed', detail: `${error.message} (${error.code})` }];
  }
}

function nodeCheck({ environment: { nodeVersion } }: Cli): DoctorCheckView {
  const fine = Number(nodeVersion.split('.')[0]) >= LEAST_NODE;
  return {
    name: 'node',
    status: fine ? 'ok' : 'failed',
    detail: fine ? nodeVersion : `${nodeVersion}; Tutti needs ${LEAST_NODE} or newer`,
  };
}

/** The file that the credential comes from: the configuration file for a profile's key, else the data folder's token. */
async function credentialCheck({ environment }: Cli, { dataDir, keyFrom }: ConnectionSettings): Promise<DoctorCheckView> {
  if (keyFrom === 'flag' || keyFrom === 'environment') return { name: 'key', status: 'ok', detail: `given by ${keyFrom}` };
  const path = keyFrom === 'profile' ? configPath(environment) : join(dataDir, 'token');
  try {
    const { mode } = await stat(path);
    // Windows has no such bits.
    const open = platform() !== 'win32' && (mode & OTHERS_MAY) !== 0;
    return { name: 'token', status: open ? 'warning' : 'ok', detail: open ? `others may read ${path}; chmod 600 it` : path };
  } catch {
    return { name: 'token', status: 'warning', detail: `${path} is not there; the first start makes it` };
  }
}
