import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { isJsonObject, TuttiError, type JsonObject } from '@tutti/kernel';
import { createLogger, silentLogger } from './logger.js';

const root = mkdtempSync(join(tmpdir(), 'tutti-logger-'));
afterAll(() => rmSync(root, { recursive: true }));

function linesOf(file: string): JsonObject[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => {
    const parsed: unknown = JSON.parse(line);
    if (!isJsonObject(parsed)) throw new Error(`not an object: ${line}`);
    return parsed;
  });
}

describe('createLogger with a file', () => {
  it('makes the folder and writes one JSON object a line, at once', () => {
    const file = join(root, 'new/folder/tutti.log');
    const logger = createLogger({ level: 'info', file, fields: { service: 'gateway' } });
    logger.info('listening', { port: 4700 });
    logger.warn('slow\nreader');
    expect(linesOf(file)).toMatchObject([
      { service: 'gateway', port: 4700, msg: 'listening', level: 30 },
      { service: 'gateway', msg: 'slow\nreader', level: 40 },
    ]);
  });

  it('appends to what is there', () => {
    const file = join(root, 'twice.log');
    createLogger({ level: 'info', file }).info('first');
    createLogger({ level: 'info', file }).info('second');
    expect(linesOf(file).map(({ msg }) => msg)).toEqual(['first', 'second']);
  });

  it('goes on without its lines when the disk is full', async () => {
    // The system's own full disk, of Linux; elsewhere an ordinary file, in which the lines stand.
    const full = existsSync('/dev/full') ? '/dev/full' : join(root, 'not-full.log');
    const logger = createLogger({ level: 'info', file: full });
    logger.error('the disk is full');
    logger.error('it still is');
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('leaves out what is below its level', () => {
    const file = join(root, 'level.log');
    const logger = createLogger({ level: 'warn', file });
    logger.debug('d');
    logger.info('i');
    logger.warn('w');
    logger.error('e');
    expect(linesOf(file).map(({ msg }) => msg)).toEqual(['w', 'e']);
  });

  it('writes nothing when it is silent', () => {
    const file = join(root, 'silent.log');
    createLogger({ level: 'silent', file }).error('unheard');
    silentLogger.child({ a: 1 }).error('unheard');
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('gives the fields of a child to all its lines, and not to its parent', () => {
    const file = join(root, 'child.log');
    const logger = createLogger({ level: 'debug', file });
    logger.child({ run: 'r-1' }).child({ task: 't-1' }).debug('claimed');
    logger.debug('idle');
    const [claimed, idle] = linesOf(file);
    expect(claimed).toMatchObject({ run: 'r-1', task: 't-1', msg: 'claimed' });
    expect(idle).not.toHaveProperty('run');
  });

  it('writes an error with its code, its message and where it came from', () => {
    const file = join(root, 'error.log');
    createLogger({ level: 'info', file }).error('append failed', {
      err: new TuttiError('DISK_FULL', 'no space', { cause: new Error('ENOSPC') }),
    });
    const [line] = linesOf(file);
    expect(line).toMatchObject({ msg: 'append failed', err: { code: 'DISK_FULL', message: expect.stringContaining('no space') } });
    expect((line?.['err'] as JsonObject)['stack']).toContain('logger.int.spec');
    expect(JSON.stringify(line)).toContain('ENOSPC');
  });
});
