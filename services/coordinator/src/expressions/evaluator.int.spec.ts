import { afterAll, describe, expect, it } from '@jest/globals';
import type { JsonValue, Runtime } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createSystemRuntime } from '@tutti/service-kit';
import { createEvaluator, type Evaluation } from './evaluator.js';
import { compileExpression } from './expression.js';

describe('the evaluator', () => {
  // The limit is on real time: a thread that spins takes no part in a manual clock.
  const runtime: Runtime = { ...createSystemRuntime(), clock: createManualRuntime({ startMs: 1_000 }).clock };
  const evaluator = createEvaluator({ runtime, limitMs: 1_500 });
  afterAll(() => evaluator.close());

  const evaluate = async (source: string, data: Record<string, JsonValue> = {}): Promise<Evaluation> => {
    const compiled = compileExpression(source);
    if ('problem' in compiled) throw new Error(compiled.problem);
    return evaluator.evaluate(compiled, { data, outcome: 'failure' });
  };

  it('ends an expression that does not end, and takes the next one', async () => {
    expect(await evaluate('($f := function($n) { $f($n) }; $f(1))')).toMatchObject({
      problem: expect.stringContaining('longer than 1500 ms'),
    });
    expect(await evaluate('1 + 1')).toEqual({ value: 2 });
  });

  it('is not stalled by a pattern that backtracks', async () => {
    expect(await evaluate('$contains(t, /^(a+)+$/)', { t: `${'a'.repeat(5_000)}!` })).toEqual({ value: false });
  });

  it('refuses to pad without measure', async () => {
    expect(await evaluate('$pad("x", 2e8)')).toMatchObject({ problem: expect.stringContaining('at most 1000000') });
    expect(await evaluate('$pad("x", -3, "0")')).toEqual({ value: '00x' });
  });

  it('refuses a function for a value', async () => {
    expect(await evaluate('function($x) { $x }')).toMatchObject({ problem: expect.stringContaining('function') });
  });

  it('takes the time from the clock', async () => {
    expect(await evaluate('$now()')).toEqual({ value: '1970-01-01T00:00:01.000Z' });
    expect(await evaluate('$millis()')).toEqual({ value: 1_000 });
  });

  it('answers how the needs ended', async () => {
    expect(await evaluate('[always(), success(), failure()]')).toEqual({ value: [true, false, true] });
  });
});
