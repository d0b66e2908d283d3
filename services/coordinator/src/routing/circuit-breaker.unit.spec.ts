import { describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

const OPTIONS = { failures: 3, coolDownMs: 1_000 };
const error = { kind: 'failed', cause: 'error', retried: false } as const;
const lost = { kind: 'failed', cause: 'lost', retried: false } as const;

describe('CircuitBreaker', () => {
  const opened = (): CircuitBreaker => {
    const breaker = new CircuitBreaker(OPTIONS);
    for (let failure = 0; failure < 3; failure++) breaker.failed(error, 'w1', 0);
    return breaker;
  };

  it('opens with the last of so many failures in a row, and says until when', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    expect([1, 2, 3].map(() => breaker.failed({ kind: 'failed', cause: 'timeout', retried: false }, 'w1', 500))).toEqual([
      null,
      null,
      1_500,
    ]);
    expect(breaker.refusal(600)).toBe('its breaker opened after 3 failures in a row; it is tried again in 1 s');
  });

  it('takes an error that is tried again for nothing, and a hanging agent for what it is', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    for (let failure = 0; failure < 50; failure++) breaker.failed({ ...error, retried: true }, 'w1', 0);
    expect(breaker.refusal(0)).toBeNull();
    for (let failure = 0; failure < 3; failure++) breaker.failed({ kind: 'failed', cause: 'timeout', retried: true }, 'w1', 0);
    expect(breaker.refusal(0)).not.toBeNull();
  });

  it('sends another probe when the first is tried again', () => {
    const breaker = opened();
    breaker.refusal(1_000);
    breaker.assigned();
    expect(breaker.failed({ ...error, retried: true }, 'w1', 1_200)).toBeNull();
    expect(breaker.refusal(1_200)).toBeNull();
  });

  it('counts anew after a success', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    for (let round = 0; round < 5; round++) {
      breaker.failed(error, 'w1', 0);
      breaker.failed(error, 'w1', 0);
      breaker.succeeded();
    }
    expect(breaker.refusal(0)).toBeNull();
  });

  it('lets one task through when the cool-down is over, and no second while that one is out', () => {
    const breaker = opened();
    expect(breaker.refusal(1_000)).toBeNull();
    breaker.assigned();
    expect(breaker.refusal(1_000)).toMatch(/one task is with it as a probe$/);
  });

  it('closes when the probe succeeds', () => {
    const breaker = opened();
    breaker.refusal(1_000);
    breaker.assigned();
    breaker.succeeded();
    expect(breaker.refusal(1_000)).toBeNull();
  });

  it('opens again for a whole cool-down when the probe fails', () => {
    const breaker = opened();
    breaker.refusal(1_000);
    breaker.assigned();
    expect(breaker.failed(error, 'w1', 1_200)).toBe(2_200);
    expect(breaker.refusal(2_199)).not.toBeNull();
  });

  it('sends another probe when the first was taken back', () => {
    const breaker = opened();
    breaker.refusal(1_000);
    breaker.assigned();
    breaker.takenBack();
    expect(breaker.refusal(1_000)).toBeNull();
  });

  it('sends another probe when the first is lost by the worker that lost one before', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    breaker.failed(lost, 'w1', 0);
    for (const _ of [1, 2]) breaker.failed(error, 'w1', 0);
    expect(breaker.refusal(1_000)).toBeNull();
    breaker.assigned();
    expect(breaker.failed(lost, 'w1', 1_200)).toBeNull();
    expect(breaker.refusal(1_200)).toBeNull();
  });

  it('takes what one worker loses for one failure, and that of another for one more', () => {
    const breaker = new CircuitBreaker(OPTIONS);
    for (let task = 0; task < 50; task++) breaker.failed(lost, 'w1', 0);
    expect(breaker.refusal(0)).toBeNull();
    breaker.failed(lost, 'w2', 0);
    breaker.failed(lost, 'w3', 0);
    expect(breaker.refusal(0)).not.toBeNull();
  });

  it('never opens when it is switched off', () => {
    const breaker = new CircuitBreaker({ ...OPTIONS, failures: 0 });
    for (let failure = 0; failure < 100; failure++) breaker.failed(error, 'w1', 0);
    expect(breaker.refusal(0)).toBeNull();
  });
});
