import { isNoun, type CommandDefinition, type CommandTable, type Flag, type Noun } from '../command.js';
import { GLOBAL_FLAGS } from '../global-flags.js';
import type { Style } from '../terminal/style.js';
import { padText, textWidth } from '../terminal/text-width.js';

interface Page {
  /** Cells of a line. */
  readonly width: number;
  readonly style: Style;
}

/** `tutti help`: every noun with its verbs, and every other command. */
export function rootHelp(table: CommandTable, page: Page): readonly string[] {
  const rows = (entry: Noun | CommandDefinition): Row =>
    isNoun(entry)
      ? [entry.name, `${entry.summary}: ${entry.commands.map(({ name }) => name).join(', ')}`]
      : [usageOf(null, entry), entry.summary];
  return [
    'Usage: tutti [flags] <noun> <verb> [arguments] [flags]',
    '       tutti [flags] <command> [arguments] [flags]',
    '',
    'Runs teams of AI agents as durable workflows.',
    ...table.flatMap(({ title, entries }) => ['', page.style.bold(`${title}:`), ...inColumns(entries.map(rows), page)]),
    ...globalFlagLines(page),
    '',
    'tutti help <noun> [verb] shows one with examples, tutti help exit-codes what the program ends with.',
  ];
}

/** `tutti help <noun>`: its verbs. */
export function nounHelp(noun: Noun, page: Page): readonly string[] {
  const { name, plural, summary, commands, verb, pluralVerb } = noun;
  return [
    `Usage: tutti ${name} <verb> [arguments] [flags]`,
    '',
    `${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`,
    '',
    page.style.bold('Verbs:'),
    ...inColumns(
      commands.map((command) => [usageOf(noun, command).slice(name.length + 1), command.summary]),
      page,
    ),
    ...globalFlagLines(page),
    '',
    'Examples:',
    ...commands.flatMap(({ examples: [example] }) => (example === undefined ? [] : [`  $ ${example}`])),
    '',
    verb === pluralVerb
      ? `tutti ${name} and tutti ${plural} mean tutti ${name} ${verb}.`
      : `tutti ${name} means tutti ${name} ${verb}, tutti ${plural} means tutti ${name} ${pluralVerb}.`,
  ];
}

/** `run get <run>` */
export function usageOf(noun: Noun | null, { name, args = [] }: CommandDefinition): string {
  return [...(noun === null ? [] : [noun.name]), name, ...args.map((argument) => argument.name)].join(' ');
}

type Row = readonly [left: string, right: string];

function globalFlagLines(page: Page): readonly string[] {
  const row = ({ flags, summary, choices }: Flag): Row => [flags, choices === undefined ? summary : `${summary}: ${choices.join(', ')}`];
  return ['', page.style.bold('Flags of every command:'), ...inColumns(GLOBAL_FLAGS.map(row), page)];
}

const INDENT = 2;
const WIDEST_LEFT = 34;

/** Two columns, the right one broken at blanks. */
function inColumns(rows: readonly Row[], { width }: Page): readonly string[] {
  const left = Math.min(WIDEST_LEFT, Math.max(...rows.map(([text]) => textWidth(text))));
  const indent = ' '.repeat(INDENT + left + 2);
  return rows.flatMap(([text, summary]) => {
    const [first = '', ...others] = wrapped(summary, Math.max(20, width - indent.length));
    const head = `${' '.repeat(INDENT)}${padText(text, left)}  `;
    // What is too long for its column stands on a line of its own.
    if (textWidth(text) > left) return [`${' '.repeat(INDENT)}${text}`, `${indent}${first}`, ...others.map((line) => indent + line)];
    return [head + first, ...others.map((line) => indent + line)];
  });
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && textWidth(last) + 1 + textWidth(word) > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
