import { Worker } from 'node:worker_threads';
import type { Cancel, JsonValue, Runtime } from '@tutti/kernel';
import type { Expression } from './expression.js';
import { walkPath, type Scope } from './scope.js';

/** Value, nothing, or why there is none. */
export type Evaluation = { readonly value: JsonValue | undefined } | { readonly problem: string };

export interface Evaluator {
  /** Answered at once for plain paths over objects; else a worker thread works on it, and is ended when it takes too long. */
  evaluate(expression: Expression, scope: Scope): Evaluation | Promise<Evaluation>;
  close(): Promise<void>;
}

interface EvaluatorOptions {
  readonly runtime: Runtime;
  /** Longest time for one expression. Default 2,000. */
  readonly limitMs?: number;
  /** Heap of the worker thread. Default 256. */
  readonly memoryMb?: number;
}

interface Job {
  readonly id: number;
  readonly source: string;
  readonly data: unknown;
  readonly outcome: Scope['outcome'];
  readonly now: number;
}

interface Pending {
  readonly job: Job;
  readonly settle: (evaluation: Evaluation) => void;
}

// Under Node's own TypeScript support (tests) the file beside this one is still .ts.
const WORKER_FILE = new URL(import.meta.url.endsWith('.ts') ? './expression-worker.ts' : './expression-worker.js', import.meta.url);

/** One worker thread that takes one expression at a time, so that the limit holds for each by itself. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const limitMs = options.limitMs ?? 2_000;
  const waiting: Pending[] = [];
  let current: Pending | null = null;
  let worker: Worker | null = null;
  let cancelLimit: Cancel = () => {};
  let nextId = 0;
  let closed = false;

  const finish = (evaluation: Evaluation): void => {
    cancelLimit();
    const done = current;
    current = null;
    done?.settle(evaluation);
    next();
  };

  const replaceWorker = (evaluation: Evaluation): void => {
    const old = worker;
    worker = null;
    old?.removeAllListeners();
    old?.on('error', () => {});
    void old?.terminate();
    finish(evaluation);
  };

  const ready = (): Worker => {
    if (worker !== null) return worker;
    const fresh = new Worker(WORKER_FILE, {
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb ?? 256 },
      execArgv: [],
      stderr: false,
    });
    fresh.unref();
    fresh.on('message', (answer: { id: number; value?: JsonValue; problem?: string }) => {
      if (answer.id !== current?.job.id) return;
      finish(answer.problem === undefined ? { value: answer.value } : { problem: answer.problem });
    });
    fresh.on('error', (error: Error) => replaceWorker({ problem: `evaluation ended: ${error.message}` }));
    worker = fresh;
    return fresh;
  };

  const next = (): void => {
    if (current !== null) return;
    const pending = waiting.shift();
    if (pending === undefined) return;
    current = pending;
    cancelLimit = options.runtime.timers.after(limitMs, () => replaceWorker({ problem: `took longer than ${limitMs} ms` }));
    ready().postMessage(pending.job);
  };

  return {
    evaluate(expression, scope) {
      if (expression.path !== null) {
        const walked = walkPath(expression.path, scope.data);
        if (walked !== 'unsure') return walked;
      }
      if (closed) return { problem: 'the evaluator is closed' };
      return new Promise((settle) => {
        const job = { id: nextId++, source: expression.code, data: scope.data, outcome: scope.outcome, now: options.runtime.clock.now() };
        waiting.push({ job, settle });
        next();
      });
    },
    async close() {
      closed = true;
      for (const pending of waiting.splice(0)) pending.settle({ problem: 'the evaluator is closed' });
      const last = worker;
      if (current !== null) replaceWorker({ problem: 'the evaluator is closed' });
      await last?.terminate();
    },
  };
}
