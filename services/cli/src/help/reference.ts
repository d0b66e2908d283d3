import { isNoun, type Argument, type CommandDefinition, type CommandTable, type Flag, type Noun } from '../command.js';
import { GLOBAL_FLAGS } from '../global-flags.js';
import { usageOf } from './table-help.js';

/** The reference of all commands as Markdown: what stands in docs/cli.md. */
export function reference(table: CommandTable): string {
  const sections = table
    .flatMap(({ entries }) => entries)
    .map((entry) => (isNoun(entry) ? nounSection(entry) : commandSection(null, entry)));
  return [flagSection('### Flags of every command', GLOBAL_FLAGS), ...sections].join('\n');
}

function nounSection(noun: Noun): string {
  const { name, plural, verb, pluralVerb, summary, commands } = noun;
  const alone =
    verb === pluralVerb
      ? `\`tutti ${name}\` and \`tutti ${plural}\` alone mean \`${name} ${verb}\`.`
      : `\`tutti ${name}\` alone means \`${name} ${verb}\`, \`tutti ${plural}\` means \`${name} ${pluralVerb}\`.`;
  const text = `### tutti ${name}\n\n${sentence(summary)} ${alone}\n`;
  return [text, ...commands.map((command) => commandSection(noun, command))].join('\n');
}

function commandSection(noun: Noun | null, command: CommandDefinition): string {
  const { aliases = [], short = [], summary, args = [], flags = [], names, examples } = command;
  const others = [...aliases.map((alias) => `${noun === null ? '' : `${noun.name} `}${alias}`), ...short].map(
    (line) => `\`tutti ${line}\``,
  );
  return [
    `${noun === null ? '###' : '####'} tutti ${noun === null ? '' : `${noun.name} `}${command.name}`,
    '',
    `\`tutti ${usageOf(noun, command)}\`: ${summary}.${others.length === 0 ? '' : ` Also ${others.join(', ')}.`}${names === undefined ? '' : ` \`-o name\` prints ${names}.`}`,
    '',
    ...(args.length + flags.length === 0 ? [] : [rows([...args.map(argumentRow), ...flags.map(flagRow)]), '']),
    '```sh',
    ...examples,
    '```',
    '',
  ].join('\n');
}

function flagSection(title: string, flags: readonly Flag[]): string {
  return `${title}\n\n${rows(flags.map(flagRow))}\n`;
}

function rows(lines: readonly (readonly [string, string])[]): string {
  return [
    '|  |  |',
    '| --- | --- |',
    ...lines.map(([left, right]) => `| \`${left.replaceAll('|', '\\|')}\` | ${right.replaceAll('|', '\\|')} |`),
  ].join('\n');
}

function argumentRow({ name, summary, choices }: Argument): readonly [string, string] {
  return [name, choices === undefined ? summary : `${summary}: ${choices.join(', ')}`];
}

function flagRow({ flags, summary, choices, default: fallback, required }: Flag): readonly [string, string] {
  const notes = [
    ...(choices === undefined ? [] : [choices.join(', ')]),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
    ...(required === true ? ['required'] : []),
  ];
  return [flags, notes.length === 0 ? summary : `${summary} (${notes.join('; ')})`];
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}
