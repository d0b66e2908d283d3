import { defineCommand, type Argument, type Args, type CommandDefinition } from '../../command.js';
import type { Column } from '../../terminal/table.js';
import { listFlags, showList, type ListOptions } from '../listing.js';
import type { DeadLetterView } from '@tutti/rest-contract';
import type { Cli } from '../../cli.js';
import { EXIT, type ExitCode } from '../../failure/exit-codes.js';
import { readableText } from '../../output/output-format.js';
import { sanitizeLines, sanitizeText } from '../../terminal/text-width.js';
import { agoText } from '../../terminal/time-text.js';

interface DeadLettersOptions extends ListOptions {
  readonly topic?: string;
  readonly group?: string;
}

const EXAMPLE = 'tutti.tasks.default~workers~812.0';
const letterArgument: Argument = { name: '<id>', summary: 'its id', values: 'dead-letter' };

export const listDeadLettersCommand = defineCommand<DeadLettersOptions>({
  name: 'list',
  aliases: ['ls'],
  summary: 'list messages that nobody could handle, oldest first',
  flags: [
    { flags: '--topic <topic>', summary: 'only of this topic' },
    { flags: '--group <group>', summary: 'only of this group' },
    ...listFlags(50),
  ],
  names: 'their ids',
  examples: ['tutti dead-letter list', 'tutti dead-letter list --group workers'],
  act: listLetters,
});

export const getDeadLetterCommand = defineCommand({
  name: 'get',
  aliases: ['show', 'describe'],
  summary: 'show one with its payload and every rejected delivery',
  args: [letterArgument],
  names: 'its id',
  examples: [`tutti dead-letter get ${EXAMPLE}`],
  act: showLetter,
});

export const replayDeadLetterCommand = settleCommand('replay', 'hand one to its group once more');
export const discardDeadLetterCommand = settleCommand('discard', 'forget one for good');

function settleCommand(how: 'replay' | 'discard', summary: string): CommandDefinition {
  return defineCommand<{ readonly reason?: string }>({
    name: how,
    summary,
    args: [letterArgument],
    flags: [{ flags: '--reason <text>', summary: 'noted in the log' }],
    names: 'its id',
    examples: [`tutti dead-letter ${how} ${EXAMPLE}`],
    async act(cli, [id = ''], { reason }) {
      const { api } = await cli.connect();
      const answer = await api.settleDeadLetter(id, how, reason);
      cli.result(answer.raw, () => cli.line(`${how === 'replay' ? 'replayed' : 'discarded'} ${id}`), [id]);
      return EXIT.ok;
    },
  });
}

async function listLetters(cli: Cli, _args: Args, options: DeadLettersOptions): Promise<ExitCode> {
  const { topic, group } = options;
  const query = { ...(topic === undefined ? {} : { topic }), ...(group === undefined ? {} : { group }) };
  const { api } = await cli.connect();
  return showList(cli, options, {
    read: (limit) => api.listDeadLetters(query, limit),
    name: ({ id }) => id,
    columns: letterColumns,
    none: 'no dead letters',
  });
}

function letterColumns(nowMs: number): readonly Column<Omit<DeadLetterView, 'attempts' | 'payload' | 'traceparent'>>[] {
  return [
    { title: 'ID', value: ({ id }) => id },
    { title: 'TYPE', value: ({ type }) => type, flexible: true },
    { title: 'DIED', value: ({ time }) => agoText(time, nowMs) },
    { title: 'DELIVERIES', value: ({ deliveries }) => String(deliveries), align: 'right' },
    { title: 'ERROR', value: ({ error }) => error, flexible: true },
    { title: 'KEY', value: ({ key }) => key, flexible: true, wideOnly: true },
    { title: 'MEMBER', value: ({ member = '' }) => member, flexible: true, wideOnly: true },
  ];
}

async function showLetter(cli: Cli, [id = '']: Args): Promise<ExitCode> {
  const { api } = await cli.connect();
  const answer = await api.getDeadLetter(id);
  cli.result(answer.raw, () => printLetter(cli, answer.value.deadLetter), [id]);
  return EXIT.ok;
}

function printLetter(cli: Cli, { id, type, key, member = '', group, topic, time, attempts, payload }: DeadLetterView): void {
  const { style } = cli;
  const now = cli.now();
  cli.line(`${style.bold(sanitizeText(id))}  ${style.dim(sanitizeText(type))}`);
  const addressee = member === '' ? '' : `, for ${sanitizeText(member)}`;
  cli.line(
    style.dim(`group ${sanitizeText(group)} on ${sanitizeText(topic)}, key ${sanitizeText(key)}${addressee}, died ${agoText(time, now)}`),
  );
  cli.line();
  cli.table(
    attempts,
    [
      { title: 'DELIVERY', value: ({ delivery }) => String(delivery), align: 'right' },
      { title: 'WHEN', value: (attempt) => agoText(attempt.time, now) },
      { title: 'MEMBER', value: (attempt) => attempt.member, flexible: true },
      { title: 'ERROR', value: ({ error }) => error, flexible: true },
    ],
    'nothing is known of its deliveries',
  );
  cli.line();
  for (const line of sanitizeLines(readableText(payload))) cli.line(line);
}
