import { open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PERMISSIONS, ROLES } from '@tutti/rest-contract';
import type { Answer } from '../../api/api.js';
import type { Cli } from '../../cli.js';
import { collect, defineCommand, type Args, type Flag } from '../../command.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { Failure, usageFailure } from '../../failure/failure.js';
import { durationMs } from '../../input/since.js';
import { openConfig, saveProfile } from '../../profile/edit-config.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { keyArgument } from './key.command.js';

interface CreateOptions {
  readonly role?: string;
  readonly permission?: readonly string[];
  readonly expiresIn?: string;
  readonly out?: string;
}

interface RotateOptions {
  readonly overlap?: string;
  readonly out?: string;
  readonly save?: boolean;
}

interface Issued {
  readonly key: { readonly id: string; readonly name: string; readonly previousValidUntil?: string | undefined };
  readonly secret: string;
}

const outFlag: Flag = {
  flags: '--out <file>',
  summary: 'write the secret into this new file, for you alone, instead of printing it',
  values: 'file',
};

export const createKeyCommand = defineCommand<CreateOptions>({
  name: 'create',
  summary: 'make an API key and print its secret, which is shown this once',
  args: [{ name: '<name>', summary: 'unique; changes by it are recorded as key:<name>' }],
  flags: [
    { flags: '--role <role>', summary: 'what it may do, by a role', choices: ROLES },
    { flags: '--permission <permission>', summary: `or one by one; repeatable: ${PERMISSIONS.join(', ')}`, parse: collect },
    { flags: '--expires-in <time>', summary: 'how long it holds, like 12h or 30d; default: until it is revoked' },
    outFlag,
  ],
  names: 'the id of the key',
  examples: [
    'tutti key create ci --role operator --expires-in 90d',
    'tutti key create dashboards --permission runs:read --permission events:read --out ./dashboards.key',
  ],
  act: create,
});

export const rotateKeyCommand = defineCommand<RotateOptions>({
  name: 'rotate',
  summary: 'give a key a new secret and print it; the one from before holds for a while',
  args: [keyArgument],
  flags: [
    { flags: '--overlap <time>', summary: 'how long the secret from before holds, like 0s or 2d; default: 1h' },
    { flags: '--save', summary: 'put the new secret into the profile in use instead of printing it' },
    outFlag,
  ],
  names: 'the id of the key',
  examples: ['tutti key rotate 0198… --overlap 1d', 'tutti key rotate 0198… --save'],
  act: rotate,
});

async function create(cli: Cli, [name = '']: Args, { role, permission, expiresIn, out }: CreateOptions): Promise<ExitCode> {
  if ((role === undefined) === (permission === undefined))
    throw usageFailure('expected either --role or --permission', 'tutti key create --help shows both');
  const expiresAt = expiresIn === undefined ? undefined : new Date(cli.now() + durationMs('--expires-in', expiresIn)).toISOString();
  const { api } = await cli.connect();
  return withSecretFile(cli, out, async () =>
    api.createKey({
      name,
      ...(role === undefined ? {} : { role }),
      ...(permission === undefined ? {} : { permissions: permission }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }),
  );
}

async function rotate(cli: Cli, [id = '']: Args, { overlap, out, save }: RotateOptions): Promise<ExitCode> {
  const overlapSeconds = overlap === undefined ? undefined : Math.round(durationMs('--overlap', overlap) / 1_000);
  const { keyFrom, profile: inUse } = await cli.settings();
  if (save === true && (keyFrom !== 'profile' || inUse === null))
    throw usageFailure('--save needs a profile whose key is in use', 'tutti whoami says where the key comes from');
  const { api } = await cli.connect();
  if (save !== true) return withSecretFile(cli, out, () => api.rotateKey(id, overlapSeconds));
  const { credential } = (await api.caller()).value.caller;
  if (credential.id !== id) throw usageFailure(`profile ${inUse ?? ''} has another key than ${id}`, 'leave --save out');
  const { file, name, profile } = await openConfig(cli.environment, inUse ?? undefined);
  const { value } = await api.rotateKey(id, overlapSeconds);
  await saveProfile(cli.environment, file, name, { ...profile, api_key: value.secret });
  cli.result({ key: value.key, profile: name }, () => cli.line(`profile ${name} has the new secret of ${sanitizeText(value.key.name)}`), [
    id,
  ]);
  return EXIT.ok;
}

/** The file is opened first: a secret that cannot be written down would be lost. */
async function withSecretFile(cli: Cli, out: string | undefined, issue: () => Promise<Answer<Issued>>): Promise<ExitCode> {
  if (out === undefined) {
    const { raw, value } = await issue();
    cli.result(raw, () => {
      cli.line(value.secret);
      cli.say(
        `the secret of ${sanitizeText(value.key.name)} (${value.key.id}) is shown this once; keep it, or log in with it: tutti login`,
      );
      sayOverlap(cli, value);
    }, [value.key.id]);
    return EXIT.ok;
  }
  const path = resolve(cli.environment.cwd, out);
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw new Failure('FILE_UNWRITABLE', `cannot write ${out}: ${error instanceof Error ? error.message : String(error)}`, {
      exitCode: EXIT.failed,
      hint: 'name a file that is not there yet',
    });
  });
  try {
    const { value } = await issue().catch(async (error: unknown) => {
      await rm(path, { force: true });
      throw error;
    });
    await file.writeFile(`${value.secret}\n`);
    cli.result(
      { key: value.key, file: path },
      () => cli.line(`wrote the secret of ${sanitizeText(value.key.name)} (${value.key.id}) to ${out}`),
      [value.key.id],
    );
    if (cli.format === 'table') sayOverlap(cli, value);
  } finally {
    await file.close();
  }
  return EXIT.ok;
}

function sayOverlap(cli: Cli, { key }: Issued): void {
  if (key.previousValidUntil !== undefined) cli.say(`the secret from before holds until ${key.previousValidUntil}`);
}
