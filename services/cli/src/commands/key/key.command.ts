import type { ApiKeyView } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { defineCommand, reasonFlag, type Argument, type Args } from '../../command.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import type { Column } from '../../terminal/table.js';
import { sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';
import { listFlags, showList, type ListOptions } from '../listing.js';

export const keyArgument: Argument = { name: '<key>', summary: 'id of the key', values: 'key' };

export const listKeysCommand = defineCommand<ListOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list API keys, oldest first, without their secrets',
  flags: listFlags(100, 'all there are, whatever the limit, revoked ones too'),
  names: 'the ids of the keys',
  examples: ['tutti key list', 'tutti key list --all --wide'],
  act: listKeys,
});

export const getKeyCommand = defineCommand({
  name: 'get',
  aliases: ['show', 'describe'],
  summary: 'show one: what it may do, since when, and when it was used last',
  args: [keyArgument],
  names: 'its id',
  examples: ['tutti key get 0198…'],
  act: getKey,
});

export const revokeKeyCommand = defineCommand<{ readonly reason?: string }>({
  name: 'revoke',
  summary: 'end a key at once, with what it keeps open and the sessions that began with it',
  args: [keyArgument],
  flags: [reasonFlag],
  names: 'its id',
  examples: ['tutti key revoke 0198… --reason "it was in a log"'],
  async act(cli, [id = ''], { reason }) {
    const { api } = await cli.connect();
    const answer = await api.revokeKey(id, reason);
    cli.result(answer.raw, () => cli.line(`revoked ${id}`), [id]);
    return EXIT.ok;
  },
});

async function listKeys(cli: Cli, _args: Args, options: ListOptions): Promise<ExitCode> {
  const { api } = await cli.connect();
  return showList(cli, options, {
    read: (limit) => api.listKeys(options.all === true, limit),
    name: ({ id }) => id,
    columns: keyColumns,
    none: 'no keys; make one: tutti key create <name> --role operator',
  });
}

function keyColumns(nowMs: number): readonly Column<ApiKeyView>[] {
  return [
    { title: 'KEY', value: ({ id }) => id },
    { title: 'NAME', value: ({ name }) => name, flexible: true },
    { title: 'ROLE', value: roleText, flexible: true },
    { title: 'STATUS', value: ({ status }) => status, paint: ({ status }) => (status === 'active' ? 'green' : 'dim') },
    { title: 'USED', value: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'never' : agoText(lastUsedAt, nowMs)) },
    { title: 'EXPIRES', value: ({ expiresAt }) => (expiresAt === undefined ? 'never' : agoText(expiresAt, nowMs)) },
    { title: 'MADE', value: ({ createdAt }) => agoText(createdAt, nowMs), wideOnly: true },
    { title: 'BY', value: ({ createdBy }) => createdBy, flexible: true, wideOnly: true },
  ];
}

async function getKey(cli: Cli, [id = '']: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.getKey(id);
  cli.result(answer.raw, () => printKey(cli, answer.value.key), [id]);
  return EXIT.ok;
}

function printKey(cli: Cli, key: ApiKeyView): void {
  const now = cli.now();
  const at = (time: string | undefined): string => (time === undefined ? '' : `${time} (${agoText(time, now)})`);
  cli.line(`${cli.style.bold(sanitizeText(key.name))}  ${cli.style.dim(`${key.id} ${key.status}`)}`);
  const rows: readonly (readonly [string, string])[] = [
    ['acts as', key.actor],
    ['role', key.role],
    ['may', key.permissions.join(' ')],
    ['made', `${at(key.createdAt)} by ${key.createdBy}`],
    ['used', key.lastUsedAt === undefined ? 'never' : `${at(key.lastUsedAt)}${key.lastUsedFrom === '' ? '' : ` from ${key.lastUsedFrom}`}`],
    ['expires', at(key.expiresAt)],
    ['rotated', at(key.rotatedAt)],
    ['old secret', key.previousValidUntil === undefined ? '' : `holds until ${at(key.previousValidUntil)}`],
    [
      'revoked',
      key.revokedAt === undefined
        ? ''
        : `${at(key.revokedAt)} by ${key.revokedBy}${key.revokeReason === '' ? '' : `: ${key.revokeReason}`}`,
    ],
  ];
  for (const [label, value] of rows) if (value !== '') cli.line(`${cli.style.dim(label.padEnd(12))}${sanitizeText(value)}`);
}

function roleText({ role, permissions }: ApiKeyView): string {
  return role === '' ? `${permissions.length} ${permissions.length === 1 ? 'permission' : 'permissions'}` : role;
}
