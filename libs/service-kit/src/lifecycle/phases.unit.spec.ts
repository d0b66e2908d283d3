import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { silentLogger, type Logger } from '../logger.js';
import { startPhases, within, type Phase } from './phases.js';

function scene() {
  const runtime = createManualRuntime();
  const happened: string[] = [];
  const errors: string[] = [];
  const logger: Logger = { ...silentLogger, error: (message, fields) => errors.push(`${message}: ${String(fields?.['phase'])}`) };
  const note = (what: string) => () => {
    happened.push(what);
    return Promise.resolve();
  };
  const phase = (name: string, rest: Partial<Phase> = {}): Phase => ({
    name,
    start: note(`start ${name}`),
    stop: note(`stop ${name}`),
    ...rest,
  });
  return { runtime, happened, errors, logger, phase };
}

const never = () => new Promise<void>(() => {});
const fail = (message: string) => () => Promise.reject(new Error(message));

describe('startPhases', () => {
  it('starts in order, and stops the other way round', async () => {
    const { runtime, happened, logger, phase } = scene();
    const running = await startPhases([phase('store'), phase('registry'), phase('gateway')], runtime, logger);
    expect(happened).toEqual(['start store', 'start registry', 'start gateway']);
    await running.stop();
    expect(happened.slice(3)).toEqual(['stop gateway', 'stop registry', 'stop store']);
    expect(runtime.pending()).toBe(0);
  });

  it('starts a phase only when the one before has started', async () => {
    const { runtime, happened, logger, phase } = scene();
    const slow = phase('store', {
      start: () =>
        new Promise((resolve) => {
          runtime.timers.after(500, () => {
            happened.push('start store');
            resolve();
          });
        }),
    });
    const starting = startPhases([slow, phase('gateway')], runtime, logger);
    await runtime.advance(499);
    expect(happened).toEqual([]);
    await runtime.advance(1);
    await starting;
    expect(happened).toEqual(['start store', 'start gateway']);
  });

  it('stops what was started, and the phase that failed half-way, when one in the middle fails', async () => {
    const { runtime, happened, errors, logger, phase } = scene();
    const starting = startPhases([phase('store'), phase('registry', { start: fail('port taken') }), phase('gateway')], runtime, logger);
    await expect(starting).rejects.toThrow('port taken');
    expect(happened).toEqual(['start store', 'stop registry', 'stop store']);
    expect(errors).toEqual(['could not start: registry']);
    expect(runtime.pending()).toBe(0);
  });

  it('gives up on a start that overruns its limit, and names the phase and the limit', async () => {
    const { runtime, happened, logger, phase } = scene();
    const starting = startPhases([phase('store'), phase('registry', { start: never, startLimitMs: 2_000 })], runtime, logger);
    const refused = expect(starting).rejects.toMatchObject({ code: 'TIMED_OUT', message: 'start of registry took longer than 2000 ms' });
    await runtime.advance(1_999);
    expect(happened).toEqual(['start store']);
    await runtime.advance(1);
    await refused;
    expect(happened).toEqual(['start store', 'stop registry', 'stop store']);
  });

  it('gives a start 30 seconds and a stop 10 when nothing is said', async () => {
    const { runtime, errors, logger, phase } = scene();
    const refused = expect(startPhases([phase('store', { start: never, stop: never })], runtime, logger)).rejects.toThrow(
      'start of store took longer than 30000 ms',
    );
    await runtime.advance(30_000);
    expect(errors).toEqual(['could not start: store']);
    await runtime.advance(9_999);
    expect(errors).toHaveLength(1);
    await runtime.advance(1);
    await refused;
    expect(errors).toEqual(['could not start: store', 'could not stop cleanly: store']);
  });

  it('passes over a stop that fails and one that overruns its limit, and logs both', async () => {
    const { runtime, happened, errors, logger, phase } = scene();
    const phases = [phase('store'), phase('registry', { stop: fail('gone') }), phase('gateway', { stop: never, stopLimitMs: 100 })];
    const running = await startPhases(phases, runtime, logger);
    const stopping = running.stop();
    await runtime.advance(100);
    await stopping;
    expect(happened.slice(3)).toEqual(['stop store']);
    expect(errors).toEqual(['could not stop cleanly: gateway', 'could not stop cleanly: registry']);
  });

  it('stops once, however often it is asked, and everybody waits for that one stop', async () => {
    const { runtime, happened, logger, phase } = scene();
    const running = await startPhases([phase('store')], runtime, logger);
    const first = running.stop();
    expect(running.stop()).toBe(first);
    await first;
    await running.stop();
    expect(happened).toEqual(['start store', 'stop store']);
  });

  it('takes phases that have nothing to start or nothing to stop', async () => {
    const { runtime, happened, logger, phase } = scene();
    const running = await startPhases([{ name: 'empty' }, phase('store')], runtime, logger);
    await running.stop();
    expect(happened).toEqual(['start store', 'stop store']);
  });
});

describe('within', () => {
  it('gives what the work gives, and disarms its limit', async () => {
    const runtime = createManualRuntime();
    await expect(within(runtime, 100, 'work', () => Promise.resolve(7))).resolves.toBe(7);
    expect(runtime.pending()).toBe(0);
  });

  it('passes a failure on, and disarms its limit', async () => {
    const runtime = createManualRuntime();
    await expect(within(runtime, 100, 'work', fail('broken'))).rejects.toThrow('broken');
    expect(runtime.pending()).toBe(0);
  });

  it('lets work that fails after its limit fail unheard', async () => {
    const runtime = createManualRuntime();
    const late = () => new Promise<never>((_, reject) => runtime.timers.after(200, () => reject(new Error('late'))));
    const refused = expect(within(runtime, 100, 'work', late)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await runtime.advance(300);
    await refused;
  });
});
