import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { Seat } from './directory/directory.port.js';
import type { ProcessParts } from './process-parts.js';
import { SeatedService } from './seated-service.js';

describe('a service that one process is at a time', () => {
  let runtime: ManualRuntime;
  let happened: string[];
  let lose: () => void;
  let give: (() => void)[];
  let service: SeatedService;
  let failures: number;

  beforeEach(() => {
    runtime = createManualRuntime();
    [happened, give, failures] = [[], [], 0];
    lose = () => undefined;
    const note = (what: string): void => void happened.push(what);
    const seat = (): Seat => {
      const given = Promise.withResolvers<void>();
      given.promise.catch(() => undefined);
      give.push(given.resolve);
      return {
        take: () => given.promise,
        onLost: (listener) => {
          lose = listener;
          return () => undefined;
        },
        sureForMs: () => 1,
        leave: async () => note('left'),
        leaveAfter: async (end) => {
          given.reject(new TuttiError('SHUTTING_DOWN', 'left'));
          await end();
          note('left');
        },
      };
    };
    const parts = {
      ...{ runtime, logger: silentLogger, directory: { seat }, connections: { connected: () => Promise.resolve(true) } },
      health: { set: note, watch: note },
      close: async () => note('closed'),
    } as unknown as ProcessParts;
    const phase = {
      name: 'all of it',
      start: async () => {
        note('started');
        if (failures-- > 0) throw new TuttiError('STORE_UNAVAILABLE', 'as the test says');
      },
      stop: async () => note('stopped'),
    };
    service = new SeatedService({ parts, role: 'registry', phases: () => Promise.resolve([phase]), onStandby: () => undefined });
  });

  it('serves once it has the seat, and leaves it when nothing of it writes any more', async () => {
    const started = service.start();
    await runtime.advance(1);
    expect(happened).toEqual(['standing by']);
    give[0]?.();
    await started;
    await service.stop();
    expect(happened.slice(1)).toEqual(['started', 'stopped', 'closed', 'left']);
  });

  it('ends what it served when it lost the seat, stands by, and serves again', async () => {
    give = [];
    const started = service.start();
    await runtime.advance(1);
    give[0]?.();
    await started;
    lose();
    await runtime.advance(1);
    expect(happened).toEqual(['standing by', 'started', 'stopped', 'left', 'standing by']);
    give[1]?.();
    await runtime.advance(1);
    expect(happened.slice(5)).toEqual(['started']);
    await service.stop();
  });

  it('tries on when it cannot serve again', async () => {
    const started = service.start();
    await runtime.advance(1);
    give[0]?.();
    await started;
    failures = 1;
    lose();
    await runtime.advance(1);
    give[1]?.();
    await runtime.advance(1_000);
    give[2]?.();
    await runtime.advance(1);
    expect(happened.filter((what) => what === 'started')).toHaveLength(3);
    await service.stop();
  });

  it('does not start when it is stopped while it stands by', async () => {
    const started = service.start();
    started.catch(() => undefined);
    await runtime.advance(1);
    await service.stop();
    await expect(started).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(happened).toEqual(['standing by', 'closed', 'left']);
  });

  it('is closed when it cannot start at first', async () => {
    failures = 1;
    const started = service.start();
    started.catch(() => undefined);
    await runtime.advance(1);
    give[0]?.();
    await expect(started).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(happened.slice(-2)).toEqual(['closed', 'left']);
  });
});
