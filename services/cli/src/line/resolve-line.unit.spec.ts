import { describe, expect, it } from '@jest/globals';
import { COMMAND_TABLE } from '../command-table.js';
import { pathOf, resolveLine } from './resolve-line.js';
import { meant } from './typo.js';

const shape = (...words: readonly string[]): unknown => {
  const line = resolveLine(COMMAND_TABLE, words);
  return line.kind === 'command' ? [pathOf(line.noun, line.command), ...line.rest] : line.kind;
};

describe('a command line', () => {
  it.each([
    [
      ['run', 'demo', '--json'],
      ['run start', 'demo', '--json'],
    ],
    [['runs'], ['run list']],
    [
      ['runs', '--status', 'failed'],
      ['run list', '--status', 'failed'],
    ],
    [
      ['run', '--input', 'list=x', 'demo'],
      ['run start', '--input', 'list=x', 'demo'],
    ],
    [
      ['--url', 'http://run', 'runs', '-o', 'json'],
      ['run list', '--url', 'http://run', '-o', 'json'],
    ],
    [
      ['--output=json', 'run', 'list'],
      ['run list', '--output=json'],
    ],
    [
      ['run', '-ojson', 'list'],
      ['run list', '-ojson'],
    ],
    [
      ['show', 'r1', '--tasks'],
      ['run get', 'r1', '--tasks'],
    ],
    [
      ['watch', 'r1'],
      ['run watch', 'r1'],
    ],
    [
      ['approve', 'a1', '--yes'],
      ['approval approve', 'a1', '--yes'],
    ],
    [
      ['delegate', 'a1', 'user:bob'],
      ['approval delegate', 'a1', 'user:bob'],
    ],
    [
      ['set', 'r1', 'a=b'],
      ['run set', 'r1', 'a=b'],
    ],
    [
      ['events', 'r1', '-f'],
      ['event list', 'r1', '-f'],
    ],
    [
      ['workflows', 'show', 'w'],
      ['workflow get', 'w'],
    ],
    [
      ['agents', 'pause', 'bee'],
      ['agent pause', 'bee'],
    ],
    [
      ['agents', '--capability', 'x'],
      ['agent list', '--capability', 'x'],
    ],
    [['dead-letters'], ['dead-letter list']],
    [['schedule'], ['schedule list']],
    [['agent', 'ls'], ['agent list']],
    [
      ['doctor', '--json'],
      ['doctor', '--json'],
    ],
    [
      ['run', 'start', 'list'],
      ['run start', 'list'],
    ],
  ])('means, as %p', (words, expected) => {
    expect(shape(...words)).toEqual(expected);
  });

  it('that asks a noun for help is of the noun, and of its list when it is in the plural', () => {
    expect(shape('run', '--help')).toBe('noun');
    expect(shape('runs', '--help')).toEqual(['run list', '--help']);
    expect(shape('--json')).toBe('nothing');
  });

  it('with a word that is none is guessed at by letters that are missing, too many, wrong or swapped', () => {
    const words = ['list', 'get', 'logs', 'watch'];
    for (const typo of ['lst', 'lisst', 'lisp', 'lsit']) expect(meant(typo, words)).toEqual(['list']);
    expect(meant('order-review', words)).toEqual([]);
    expect(meant('x', words)).toEqual([]);
  });
});
