import type { Cli } from '../../cli.js';
import { defineCommand, type Argument, type Args } from '../../command.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { usageFailure } from '../../failure/failure.js';
import { openConfig, saveConfig, saveProfile } from '../../profile/edit-config.js';
import { readConfigFile } from '../../profile/config-file.js';
import { activeProfile, PROFILE_KEYS, profileNotFound, profileOf, type Profile, type ProfileKey } from '../../profile/profile.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { readSecret } from './secret-input.js';

const nameArgument: Argument = { name: '<name>', summary: 'name of the profile', values: 'profile' };

export const listProfilesCommand = defineCommand({
  name: 'list',
  aliases: ['ls'],
  summary: 'list the profiles of the configuration file',
  names: 'their names',
  examples: ['tutti profile list'],
  act: listProfiles,
});

export const showProfileCommand = defineCommand({
  name: 'show',
  aliases: ['get', 'describe'],
  summary: 'show one, with its key hidden; the current one without a name',
  args: [{ name: '[name]', summary: 'name of the profile', values: 'profile' }],
  names: 'its name',
  examples: ['tutti profile show', 'tutti profile show prod'],
  act: showProfile,
});

export const useProfileCommand = defineCommand({
  name: 'use',
  summary: 'make one the current one, which is meant where none is named',
  args: [nameArgument],
  names: 'its name',
  examples: ['tutti profile use prod'],
  act: useProfile,
});

export const setProfileCommand = defineCommand<{ readonly unset?: boolean }>({
  name: 'set',
  summary: 'set a member of a profile (the current one, or --profile), and make the profile where there is none',
  args: [
    { name: '<member>', summary: 'what to set', choices: PROFILE_KEYS },
    { name: '[value]', summary: 'text; api_key is read from standard input instead' },
  ],
  flags: [{ flags: '--unset', summary: 'take it out' }],
  names: 'the profile',
  examples: [
    'tutti profile set address https://tutti.example.com --profile prod',
    'tutti profile set tls_ca /etc/ssl/our-ca.pem --profile prod',
    'tutti profile set api_key --profile prod < key.txt',
  ],
  act: setMember,
});

export const removeProfileCommand = defineCommand({
  name: 'remove',
  aliases: ['delete'],
  summary: 'take a profile out of the configuration file',
  args: [nameArgument],
  names: 'its name',
  examples: ['tutti profile remove staging'],
  act: removeProfile,
});

async function listProfiles(cli: Cli): Promise<ExitCode> {
  const { config, path } = await readConfigFile(cli.environment);
  const current = activeProfile({ config, path }, undefined)?.name;
  const rows = Object.entries(config.profile).map(([name, profile]) => ({ name, current: name === current, ...shown(profile) }));
  const human = (): void =>
    cli.table(
      rows,
      [
        { title: '', value: (row) => (row.current ? '*' : ' ') },
        { title: 'PROFILE', value: (row) => row.name },
        { title: 'ADDRESS', value: (row) => row.address ?? row.data_dir ?? '-', flexible: true },
        { title: 'KEY', value: (row) => row.api_key ?? '-' },
      ],
      `no profiles in ${path}; tutti login makes one`,
    );
  cli.list({ raw: { profiles: rows }, rows, name: ({ name }) => name, human });
  return EXIT.ok;
}

async function showProfile(cli: Cli, [name]: Args): Promise<ExitCode> {
  const file = await readConfigFile(cli.environment);
  const active = activeProfile(file, name ?? cli.options.profile ?? cli.environment.env['TUTTI_PROFILE']);
  if (active === null) throw usageFailure(`${file.path} has no profile`, 'make one: tutti login');
  const raw = { name: active.name, ...shown(active.profile), file: file.path };
  const human = (): void => {
    cli.line(`${cli.style.bold(active.name)}  ${cli.style.dim(file.path)}`);
    for (const [member, value] of Object.entries(shown(active.profile)))
      cli.line(`${cli.style.dim(member.padEnd(16))}${sanitizeText(typeof value === 'string' ? value : JSON.stringify(value))}`);
  };
  cli.result(raw, human, [active.name]);
  return EXIT.ok;
}

async function useProfile(cli: Cli, [name = '']: Args): Promise<ExitCode> {
  const { config, path } = await readConfigFile(cli.environment);
  if (profileOf(config, name) === undefined) throw profileNotFound(config, name, path);
  await saveConfig(cli.environment, path, { ...config, current_profile: name });
  cli.result({ profile: name }, () => cli.line(`${name} is the current profile`), [name]);
  return EXIT.ok;
}

async function setMember(cli: Cli, [member = '', value]: Args, { unset }: { readonly unset?: boolean }): Promise<ExitCode> {
  const { file, name, profile } = await openConfig(cli.environment, cli.options.profile);
  const { [member as ProfileKey]: _before, ...rest } = profile;
  const text = unset === true ? undefined : await valueOfMember(cli, member, value);
  await saveProfile(cli.environment, file, name, text === undefined ? rest : { ...rest, [member]: text });
  cli.result({ profile: name, member }, () => cli.line(`${text === undefined ? 'took out' : 'set'} ${member} of profile ${name}`), [name]);
  return EXIT.ok;
}

async function valueOfMember(cli: Cli, member: string, value: string | undefined): Promise<string> {
  if (member === 'api_key') return readSecret(cli, value, 'profile set api_key');
  if (value === undefined || value === '') throw usageFailure(`${member} needs a value`, 'or take it out with --unset');
  return value;
}

async function removeProfile(cli: Cli, [name = '']: Args): Promise<ExitCode> {
  const { config, path } = await readConfigFile(cli.environment);
  if (profileOf(config, name) === undefined) throw profileNotFound(config, name, path);
  const { [name]: _removed, ...profile } = config.profile;
  const { current_profile: current, ...rest } = config;
  await saveConfig(cli.environment, path, {
    ...rest,
    ...(current === undefined || current === name ? {} : { current_profile: current }),
    profile,
  });
  cli.result({ profile: name }, () => cli.line(`removed profile ${name}`), [name]);
  return EXIT.ok;
}

/** The end of a key is enough to tell it from another. */
function shown(profile: Profile): Profile {
  return profile.api_key === undefined
    ? profile
    : { ...profile, api_key: `…${profile.api_key.length > 12 ? profile.api_key.slice(-4) : ''}` };
}
