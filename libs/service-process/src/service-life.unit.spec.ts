import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger, type Phase } from '@tutti/service-kit';
import { ServiceLife, type ServiceLifeParts } from './service-life.js';

const BROKEN_OFF = new TuttiError('SHUTTING_DOWN', 'closed');

describe('the life of a service in a process of its own', () => {
  let runtime: ManualRuntime;
  let done: string[];
  let closed: PromiseWithResolvers<never>;
  beforeEach(() => {
    runtime = createManualRuntime();
    done = [];
    closed = Promise.withResolvers();
    closed.promise.catch(() => undefined);
  });

  const phase = (name: string, start: () => Promise<void> = () => Promise.resolve()): Phase => ({
    name,
    start: async () => {
      done.push(`start ${name}`);
      await start();
    },
    stop: async () => void done.push(`stop ${name}`),
  });
  const life = (parts: Partial<ServiceLifeParts>): ServiceLife =>
    new ServiceLife({
      ...{ runtime, logger: silentLogger },
      wait: () => Promise.resolve(),
      phases: () => Promise.resolve([phase('one'), phase('two')]),
      close: async () => {
        done.push('close');
        closed.reject(BROKEN_OFF);
      },
      ...parts,
    });

  it('goes up in order, and down the other way, once', async () => {
    const served = life({});
    await served.start();
    await Promise.all([served.stop(), served.stop()]);
    expect(done).toEqual(['start one', 'start two', 'stop two', 'stop one', 'close']);
  });

  it('that is stopped while it waits for others begins nothing', async () => {
    const served = life({ wait: () => closed.promise });
    const started = served.start();
    await served.stop();
    await expect(started).rejects.toBe(BROKEN_OFF);
    expect(done).toEqual(['close']);
  });

  it('that is stopped as it comes up is given a while to, and goes down in order', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const served = life({ phases: () => Promise.resolve([phase('one', () => promise), phase('two')]) });
    const started = served.start();
    await runtime.advance(0);
    const stopped = served.stop();
    await runtime.advance(1_000);
    expect(done).toEqual(['start one']);
    resolve();
    await Promise.all([started, stopped]);
    expect(done).toEqual(['start one', 'start two', 'stop two', 'stop one', 'close']);
  });

  it('that does not come up in that while is broken off, and what was up goes down', async () => {
    const served = life({ phases: () => Promise.resolve([phase('one'), phase('two', () => closed.promise)]) });
    const started = served.start();
    started.catch(() => undefined);
    await runtime.advance(0);
    const stopped = served.stop();
    await runtime.advance(3_000);
    await stopped;
    await expect(started).rejects.toBe(BROKEN_OFF);
    expect(done).toEqual(['start one', 'start two', 'close', 'stop two', 'stop one']);
  });

  it('that cannot come up takes down what was up, and says why', async () => {
    const fault = new TuttiError('INVALID_CONFIG', 'not so');
    const served = life({ phases: () => Promise.resolve([phase('one'), phase('two', () => Promise.reject(fault))]) });
    await expect(served.start()).rejects.toBe(fault);
    expect(done).toEqual(['start one', 'start two', 'stop two', 'stop one', 'close']);
  });
});
