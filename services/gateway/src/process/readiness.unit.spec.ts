import { beforeEach, describe, expect, it } from '@jest/globals';
import { Readiness } from './readiness.js';

describe('the readiness of a gateway whose services are other processes', () => {
  let told: string[];
  let readiness: Readiness;
  let away: string[];
  let changed: () => void;
  beforeEach(() => {
    told = [];
    const gateway = { markReady: () => void told.push('ready'), markDegraded: (reason: string) => void told.push(reason) };
    away = [];
    changed = () => undefined;
    readiness = new Readiness(gateway, ['a', 'b'], {
      get away() {
        return away;
      },
      onChange: (listener) => {
        changed = listener;
        return () => undefined;
      },
    });
  });

  it('names everything that is away, until nothing is', async () => {
    readiness.set('a', true);
    readiness.set('a', true);
    readiness.set('b', true);
    await readiness.ready();
    expect(told).toEqual(['waiting for a, b', 'waiting for b', 'ready']);
  });

  it('is lost and comes back with what it leans on', () => {
    readiness.set('a', true);
    readiness.set('b', true);
    readiness.set('a', false);
    readiness.set('a', true);
    expect(told.slice(2)).toEqual(['ready', 'waiting for a', 'ready']);
  });

  it('is lost while what the ports stand on is away', () => {
    readiness.set('a', true);
    readiness.set('b', true);
    away = ['the store host'];
    changed();
    away = [];
    changed();
    expect(told.slice(2)).toEqual(['ready', 'waiting for the store host', 'ready']);
  });

  it('says nothing any more once it is closed, and ends whoever waits for it', async () => {
    const waiting = readiness.ready();
    readiness.close();
    readiness.set('a', true);
    readiness.set('b', true);
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(told).toEqual(['waiting for a, b']);
  });
});
