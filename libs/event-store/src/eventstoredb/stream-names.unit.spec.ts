import { describe, expect, it } from '@jest/globals';
import { RE2JS } from 're2js';
import type { EventFilter } from '../event-store.port.js';
import { StreamNames } from './stream-names.js';

describe('names of streams in EventStoreDB', () => {
  it('refuses streams that the server keeps for itself', () => {
    const names = new StreamNames('');
    for (const stream of ['$settings', '$$run-1', 'tutti.snapshots-run-1'])
      expect(() => names.onServer(stream)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });

  it('puts a prefix before every stream, and knows only those that have it', () => {
    const names = new StreamNames('one.');
    expect(names.onServer('run-1')).toBe('one.run-1');
    expect(names.own('one.run-1')).toBe('run-1');
    for (const other of ['run-1', 'two.run-1', '$one.run-1', names.snapshot('run-1')]) expect(names.own(other)).toBeNull();
  });

  it('asks the server for names as they are, whatever is in them', () => {
    const matching = (filter: EventFilter, text: string, prefix = ''): boolean => {
      const asked = new StreamNames(prefix).serverFilter(filter);
      if (!('regex' in asked)) throw new Error('asked by prefix');
      return RE2JS.compile(asked.regex).matcher(text).find();
    };
    expect(matching({ categories: ['run', 'a.b'] }, 'run-1')).toBe(true);
    expect(matching({ categories: ['run', 'a.b'] }, 'runner-1')).toBe(false);
    expect(matching({ categories: ['run', 'a.b'] }, 'axb-1')).toBe(false);
    expect(matching({ categories: ['a.b(c)|d*'] }, 'a.b(c)|d*-1')).toBe(true);
    expect(matching({ categories: ['run'] }, 'one.run-1', 'one.')).toBe(true);
    expect(matching({ categories: ['run'] }, 'run-1', 'one.')).toBe(false);
    expect(matching({ types: ['Run.Started'] }, 'Run.Started')).toBe(true);
    expect(matching({ types: ['Run.Started'] }, 'Run.StartedAgain')).toBe(false);
    expect(matching({}, '$settings')).toBe(false);
  });
});
