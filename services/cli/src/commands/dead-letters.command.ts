import type { DeadLetter } from '../api/api-schemas.js';
import type { Cli } from '../cli.js';
import { examples, wholeNumber, type Act, type Action, type RegisterCommand } from '../command.js';
import { EXIT, type ExitCode } from '../failure/exit-codes.js';
import { readableText } from '../output/output-format.js';
import type { Command } from 'commander';
import { sanitizeLines, sanitizeText } from '../terminal/text-width.js';
import { agoText } from '../terminal/time-text.js';

interface ListOptions {
  readonly topic?: string;
  readonly group?: string;
  readonly limit: number;
}

interface ReasonOption {
  readonly reason?: string;
}

const EXAMPLE = 'tutti.tasks.default~workers~812.0';

export const registerDeadLetters: RegisterCommand = (program, act) => {
  const letters = program
    .command('dead-letters')
    .description('messages that nobody could handle: look at them, hand them over again, or drop them');
  examples(letters, 'tutti dead-letters list', `tutti dead-letters show ${EXAMPLE}`, `tutti dead-letters replay ${EXAMPLE}`);
  const list = letters
    .command('list', { isDefault: true })
    .description('list them, oldest first')
    .option('--topic <topic>', 'only of this topic')
    .option('--group <group>', 'only of this group')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 100_000), 50);
  examples(act(list, listLetters), 'tutti dead-letters', 'tutti dead-letters list --group workers');
  const show = letters.command('show').description('show one with its payload and every rejected delivery').argument('<id>', 'its id');
  examples(act(show, showLetter), `tutti dead-letters show ${EXAMPLE}`);
  registerSettling(letters, act, 'replay', 'hand one to its group once more');
  registerSettling(letters, act, 'discard', 'forget one for good');
};

function registerSettling(letters: Command, act: Act, how: 'replay' | 'discard', description: string): void {
  const command = letters.command(how).description(description).argument('<id>', 'its id').option('--reason <text>', 'noted in the log');
  const settle: Action<ReasonOption> = async (cli, [id = ''], { reason }): Promise<ExitCode> => {
    const { api } = await cli.connect();
    const answer = await api.settleDeadLetter(id, how, reason);
    cli.result(answer.raw, () => cli.line(`${how === 'replay' ? 'replayed' : 'discarded'} ${id}`));
    return EXIT.ok;
  };
  examples(act(command, settle), `tutti dead-letters ${how} ${EXAMPLE}`);
}

const listLetters: Action<ListOptions> = async (cli, _args, { topic, group, limit }): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const query = { ...(topic === undefined ? {} : { topic }), ...(group === undefined ? {} : { group }) };
  const answer = await api.listDeadLetters(query, limit);
  const now = cli.now();
  cli.result(answer.raw, () =>
    cli.table(
      answer.value,
      [
        { title: 'ID', value: ({ id }) => id },
        { title: 'TYPE', value: ({ type }) => type, flexible: true },
        { title: 'DIED', value: ({ time }) => agoText(time, now) },
        { title: 'DELIVERIES', value: ({ deliveries }) => String(deliveries), align: 'right' },
        { title: 'ERROR', value: ({ error }) => error, flexible: true },
        { title: 'KEY', value: ({ key }) => key, flexible: true, wideOnly: true },
        { title: 'MEMBER', value: ({ member }) => member, flexible: true, wideOnly: true },
      ],
      'no dead letters',
    ),
  );
  return EXIT.ok;
};

const showLetter: Action<object> = async (cli, [id = '']): Promise<ExitCode> => {
  const { api } = await cli.connect();
  const answer = await api.getDeadLetter(id);
  cli.result(answer.raw, () => printLetter(cli, answer.value.deadLetter));
  return EXIT.ok;
};

function printLetter(cli: Cli, { id, type, key, member, group, topic, time, attempts, payload }: DeadLetter): void {
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
