import { defineCommand } from '../../command.js';
import type { Cli } from '../../cli.js';
import { locateServer } from '../../connection/locate-server.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { isFailure } from '../../failure/failure.js';

export const versionCommand = defineCommand({
  name: 'version',
  summary: 'print the versions of this program and of the running system',
  examples: ['tutti version', 'tutti version --json'],
  act: version,
});

/** Never fails because nothing runs: the program's own version is an answer. */
async function version(cli: Cli): Promise<ExitCode> {
  const { cliVersion, nodeVersion } = cli.environment;
  const located = await locateServer(await cli.settings(), cli.environment);
  const server =
    located.kind === 'absent'
      ? null
      : await cli
          .connectTo(located.endpoint)
          .then(({ api }) => api.version())
          .then(({ value }) => ({ url: located.endpoint.url, version: value.version, node: value.node }))
          .catch((error: unknown) => {
            if (isFailure(error)) return null;
            throw error;
          });
  cli.result({ cli: { version: cliVersion, node: nodeVersion }, server }, () => {
    cli.line(`tutti ${cliVersion} (Node ${nodeVersion})`);
    cli.line(server === null ? cli.style.dim('no system is running') : `system ${server.version} at ${server.url} (Node ${server.node})`);
  });
  return EXIT.ok;
}
