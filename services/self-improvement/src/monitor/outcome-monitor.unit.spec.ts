import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import { followInMemory, type FollowedInMemory } from '@tutti/service-process/testing';
import { OutcomeMonitorController } from './outcome-monitor.controller.js';
import { OutcomeMonitor } from './outcome-monitor.js';
import { riseOfFailures } from './regression.js';

type Ended = 'TaskSucceeded' | 'TaskAttemptFailed' | 'TaskCancelled';

describe('the monitor of outcomes', () => {
  let told: (number | null)[];
  let monitor: OutcomeMonitor;
  let attempts: number;
  let followed: FollowedInMemory;
  beforeEach(async () => {
    told = [];
    attempts = 0;
    monitor = new OutcomeMonitor((_, __, regression) => told.push(regression?.certainty ?? null));
    followed = await followInMemory({
      controllers: [OutcomeMonitorController],
      providers: [{ provide: OutcomeMonitor, useValue: monitor }],
    });
  });
  afterEach(async () => {
    expect(followed.server.failures).toBe(0);
    await followed.close();
  });

  const attempt = async (type: Ended, data: JsonObject = {}, agent = 'writer'): Promise<void> => {
    attempts += 1;
    const task = `t${attempts}`;
    await followed.record('TaskScheduled', { task, capability: 'write', assignment: { agent, agentVersion: '2' } });
    await followed.record(type, { task, ...data });
  };
  const times = async (count: number, act: (index: number) => Promise<void>): Promise<void> => {
    for (let index = 0; index < count; index++) await act(index);
  };

  it('says nothing of an agent that fails as often as ever', async () => {
    await times(600, (index) => (index % 10 === 0 ? attempt('TaskAttemptFailed', { cause: 'error' }) : attempt('TaskSucceeded')));
    expect([told, monitor.regressions()]).toEqual([[], []]);
  });

  it('says once that an agent fails surely more often than before, with the numbers, and once that it is over', async () => {
    await times(100, () => attempt('TaskSucceeded'));
    await times(15, () => attempt('TaskAttemptFailed', { cause: 'gate' }));
    expect(told).toEqual([expect.any(Number)]);
    const [found] = monitor.regressions();
    expect(found).toMatchObject({ agent: 'writer', capability: 'write', agentVersion: '2', recent: { attempts: 30, failures: 15 } });
    expect(found?.before).toEqual({ attempts: 85, failures: 0 });
    await times(60, () => attempt('TaskSucceeded'));
    expect([told.length, told.at(-1), monitor.regressions()]).toEqual([2, null, []]);
  });

  it('judges nothing before it has seen enough of an agent', async () => {
    await times(25, () => attempt('TaskSucceeded'));
    await times(25, () => attempt('TaskAttemptFailed', { cause: 'error' }));
    expect(told).toEqual([]);
  });

  it('does not hold against an agent what was lost, cancelled, or another’s', async () => {
    await times(100, () => attempt('TaskSucceeded'));
    await times(40, () => attempt('TaskAttemptFailed', { cause: 'lost' }));
    await times(40, () => attempt('TaskCancelled'));
    await times(40, () => attempt('TaskAttemptFailed', { cause: 'error' }, 'editor'));
    expect(told).toEqual([]);
  });
});

describe('the rise of failures', () => {
  it('is the z-score of two proportions, pooled', () => {
    expect(riseOfFailures({ attempts: 100, failures: 10 }, { attempts: 100, failures: 30 })).toBeCloseTo(3.5355, 4);
  });

  it('is not known without attempts, or where nothing ever failed', () => {
    expect(riseOfFailures({ attempts: 0, failures: 0 }, { attempts: 10, failures: 5 })).toBeNull();
    expect(riseOfFailures({ attempts: 10, failures: 0 }, { attempts: 10, failures: 0 })).toBeNull();
  });
});
