import { endpointFor } from '@tutti/client/http';
import { createApi } from '../../api/api.js';
import { createHttpClient } from '../../api/http-client.js';
import type { Cli } from '../../cli.js';
import { defineCommand, type Args } from '../../command.js';
import { locateServer, parseAddress } from '../../connection/locate-server.js';
import { given, tlsOf } from '../../connection/settings.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { Failure } from '../../failure/failure.js';
import { openConfig, saveProfile } from '../../profile/edit-config.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { readSecret } from './secret-input.js';

export const loginCommand = defineCommand({
  name: 'login',
  summary: 'check an API key or token and keep it in a profile, which is used from then on; takes it from standard input, or asks',
  names: 'who you are there',
  examples: [
    'tutti login --url https://tutti.example.com',
    'tutti login --profile prod --url https://tutti.example.com < key.txt',
    'pass show tutti/staging | tutti login --profile staging --url https://staging.tutti.example.com',
  ],
  act: login,
});

export const logoutCommand = defineCommand({
  name: 'logout',
  summary: 'forget the key of a profile; the key itself goes on being valid until somebody revokes it',
  names: 'the profile',
  examples: ['tutti logout', 'tutti logout --profile staging'],
  act: logout,
});

async function login(cli: Cli, _args: Args): Promise<ExitCode> {
  const { environment, options } = cli;
  const { file, name, profile } = await openConfig(environment, options.profile);
  const address = options.url ?? given(environment.env['TUTTI_ADDRESS']) ?? profile.address ?? (await localAddress(cli));
  const url = parseAddress(address);
  const token = await readSecret(cli, options.token, 'login');
  const { fetch } = await environment.transport(tlsOf(profile, environment.env));
  const endpoint = await endpointFor(url, { token }, environment);
  const api = createApi(createHttpClient(endpoint, { fetch, runtime: environment.runtime }));
  const answer = await api.caller();
  const { caller } = answer.value;
  await saveProfile(environment, file, name, { ...profile, address: endpoint.url, api_key: token }, { current_profile: name });
  const who = sanitizeText(`${caller.actor}${caller.role === '' ? '' : `, ${caller.role}`}`);
  cli.result(
    { profile: name, address: endpoint.url, ...(answer.raw as object) },
    () => {
      cli.line(`${cli.style.green('✓')} ${who} at ${endpoint.url}; kept as profile ${name} in ${file.path}`);
      if (environment.env['TUTTI_API_KEY'] !== undefined) cli.say('note: TUTTI_API_KEY is set and goes before the profile');
    },
    [caller.actor],
  );
  return EXIT.ok;
}

/** The system that runs in the data folder. @throws Failure NOT_RUNNING */
async function localAddress({ environment, options }: Cli): Promise<string> {
  const located = await locateServer({ ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }) }, environment);
  if (located.kind === 'found') return located.endpoint.url;
  throw new Failure('NOT_RUNNING', located.reason, {
    exitCode: EXIT.notRunning,
    hint: 'name the system: tutti login --url https://tutti.example.com',
  });
}

async function logout(cli: Cli, _args: Args): Promise<ExitCode> {
  const { file, name, profile } = await openConfig(cli.environment, cli.options.profile);
  const { api_key: key, ...rest } = profile;
  if (key !== undefined) await saveProfile(cli.environment, file, name, rest);
  cli.result(
    { profile: name, removed: key !== undefined },
    () =>
      cli.line(key === undefined ? `profile ${name} has no key` : `profile ${name} has no key any more; revoke it with: tutti key revoke`),
    [name],
  );
  return EXIT.ok;
}
