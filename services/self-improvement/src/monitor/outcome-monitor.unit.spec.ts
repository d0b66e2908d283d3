import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FollowedRunEvent } from '@tutti/service-process/follower';
import { OutcomeMonitor } from './outcome-monitor.js';
import { riseOfFailures } from './regression.js';

describe('the monitor of outcomes', () => {
  let told: (number | null)[];
  let monitor: OutcomeMonitor;
  let attempts: number;
  beforeEach(() => {
    told = [];
    attempts = 0;
    monitor = new OutcomeMonitor((_, __, regression) => told.push(regression?.certainty ?? null));
  });

  const tell = (type: string, data: object): void =>
    monitor.fold({ runId: 'r1', atMs: attempts * 1_000, event: { type, data } as unknown as FollowedRunEvent['event'] });
  const attempt = (type: string, data: object = {}, agent = 'writer'): void => {
    attempts += 1;
    const task = `t${attempts}`;
    tell('TaskScheduled', { task, capability: 'write', assignment: { agent, agentVersion: '2' } });
    tell(type, { task, ...data });
  };
  const times = (count: number, act: (index: number) => void): void => Array.from({ length: count }).forEach((_, index) => act(index));

  it('says nothing of an agent that fails as often as ever', () => {
    times(600, (index) => (index % 10 === 0 ? attempt('TaskAttemptFailed', { cause: 'error' }) : attempt('TaskSucceeded')));
    expect([told, monitor.regressions()]).toEqual([[], []]);
  });

  it('says once that an agent fails surely more often than before, with the numbers, and once that it is over', () => {
    times(100, () => attempt('TaskSucceeded'));
    times(15, () => attempt('TaskAttemptFailed', { cause: 'gate' }));
    expect(told).toEqual([expect.any(Number)]);
    const [found] = monitor.regressions();
    expect(found).toMatchObject({ agent: 'writer', capability: 'write', agentVersion: '2', recent: { attempts: 30, failures: 15 } });
    expect(found?.before).toEqual({ attempts: 85, failures: 0 });
    times(60, () => attempt('TaskSucceeded'));
    expect([told.length, told.at(-1), monitor.regressions()]).toEqual([2, null, []]);
  });

  it('judges nothing before it has seen enough of an agent', () => {
    times(25, () => attempt('TaskSucceeded'));
    times(25, () => attempt('TaskAttemptFailed', { cause: 'error' }));
    expect(told).toEqual([]);
  });

  it('does not hold against an agent what was lost, cancelled, or another’s', () => {
    times(100, () => attempt('TaskSucceeded'));
    times(40, () => attempt('TaskAttemptFailed', { cause: 'lost' }));
    times(40, () => attempt('TaskCancelled'));
    times(40, () => attempt('TaskAttemptFailed', { cause: 'error' }, 'editor'));
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
