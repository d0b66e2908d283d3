import type { JsonValue, Runtime } from '@tutti/kernel';
import type { Evaluator } from './evaluator.js';
import { evaluate } from './expression-worker.js';
import { walkPath } from './scope.js';

/**
 * Evaluates in the calling thread: what comes out is the same, but nothing ends an expression that goes on for too long. For simulations, where everything
 * happens in one thread, and only with expressions that one trusts.
 */
export function createInProcessEvaluator(runtime: Pick<Runtime, 'clock'>): Evaluator {
  let nextId = 0;
  return {
    evaluate(expression, scope) {
      if (expression.path !== null) {
        const walked = walkPath(expression.path, scope.data);
        if (walked !== 'unsure') return walked;
      }
      const job = { id: nextId++, source: expression.code, data: scope.data, outcome: scope.outcome, now: runtime.clock.now() };
      return evaluate(job).then(
        (value) => ({ value: value as JsonValue | undefined }),
        (error: unknown) => ({ problem: String((error as { message?: string }).message ?? error) }),
      );
    },
    close: () => Promise.resolve(),
  };
}
