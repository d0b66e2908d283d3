import { describe, expect, it } from '@jest/globals';
import { COMMAND_TABLE } from '../command-table.js';
import { candidatesFor } from './candidates.js';

const at = (...words: readonly string[]) => {
  const { own, source, prefix } = candidatesFor(COMMAND_TABLE, words);
  return { own: own.map(({ value }) => value), source, prefix };
};

describe('what may come next on a command line', () => {
  it('is every noun and command at its beginning', () => {
    expect(at('').own).toEqual(expect.arrayContaining(['run', 'approval', 'key', 'login', 'completion']));
    expect(at('--json', '').own).toContain('run');
  });

  it('is the verbs of a noun, and what its own verb takes', () => {
    expect(at('approval', '')).toMatchObject({ own: ['list', 'get', 'approve', 'reject', 'delegate'], source: null });
    expect(at('run', '').own).toEqual(expect.arrayContaining(['start', 'list', 'logs']));
    expect(at('run', '').source).toBe('workflow');
  });

  it.each([
    [['run', 'get', ''], 'run'],
    [['runs', 'logs', '-f', '--step', 'plan', ''], 'run'],
    [['show', ''], 'run'],
    [['approve', ''], 'approval'],
    [['--wide', 'agent', '--json', 'describe', ''], 'agent'],
    [['run', 'list', '--workflow', ''], 'workflow'],
    [['run', 'list', '--profile', ''], 'profile'],
    [['run', 'start', 'demo', '--inputs', ''], 'file'],
    [['workflow', 'register', ''], 'file'],
    [['backup', ''], 'folder'],
    [['help', 'run', ''], 'command'],
    [['key', 'revoke', ''], 'key'],
  ])('is asked for by its kind, for %p', (words, source) => {
    expect(at(...words).source).toBe(source);
  });

  it('is the choices of a flag or an argument, in a word of their own or behind an equals sign', () => {
    expect(at('run', 'list', '--status', '').own).toContain('failed');
    expect(at('run', 'list', '-o', '').own).toEqual(['table', 'json', 'yaml', 'jsonl', 'name']);
    expect(at('run', 'list', '--status=fa')).toMatchObject({ own: expect.arrayContaining(['failed']), prefix: '--status=' });
    expect(at('completion', '').own).toEqual(['bash', 'zsh', 'fish']);
  });

  it('is the flags of the command and the global ones behind a hyphen', () => {
    expect(at('run', 'list', '--').own).toEqual(expect.arrayContaining(['--status', '--label', '--profile', '--output']));
    expect(at('run', 'list', '--').own).not.toContain('--follow');
  });

  it('is nothing where nothing is taken, or nothing is known', () => {
    expect(at('run', 'get', 'run1', '')).toEqual({ own: [], source: null, prefix: '' });
    expect(at('xyzzy', '')).toEqual({ own: [], source: null, prefix: '' });
    expect(at('run', 'reset', 'run1', 'a', '').source).toBeNull();
  });
});
