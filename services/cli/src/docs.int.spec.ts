import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { COMMAND_TABLE } from './command-table.js';
import { flagWords, GLOBAL_FLAGS } from './global-flags.js';
import { reference } from './help/reference.js';
import { resolveLine } from './line/resolve-line.js';

const GUIDE = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [guide = ''] = GUIDE.split('## Reference\n');

/** Commands as they stand in the samples, without comments, redirections, and what they are piped into. */
const lines = [...guide.matchAll(/^```sh\n(.*?)^```/gms), ...README.matchAll(/^```sh\n(.*?)^```/gms)]
  .flatMap(([, text = '']) => text.split('\n'))
  .flatMap((line) => [...line.matchAll(/(?:^|\(|-n1 )tutti ([^#|<)]*)/g)].map(([, words = '']) => words.trim()));

describe('the guide to the command line', () => {
  it('has the reference as the program prints it: `tutti help reference`', () => {
    expect(GUIDE.slice(guide.length)).toBe(`## Reference\n\n${reference(COMMAND_TABLE)}`);
  });

  it.each([...new Set(lines)])('shows a line that there is: tutti %s', (line) => {
    const resolved = resolveLine(COMMAND_TABLE, line.split(' '));
    if (resolved.kind !== 'command') throw new Error(`tutti ${line} is no command`);
    const known = [...(resolved.command.flags ?? []), ...GLOBAL_FLAGS].flatMap(flagWords);
    expect(resolved.rest.filter((word) => word.startsWith('-') && !known.includes(word))).toEqual([]);
    expect(resolved.nearMiss).toBeNull();
  });

  it('shows lines', () => {
    expect(lines.length).toBeGreaterThan(35);
  });
});
