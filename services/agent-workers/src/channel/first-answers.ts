import type { Timers } from '@tutti/kernel';

interface FirstAnswersOptions<Answer> {
  readonly timers: Pick<Timers, 'after'>;
  /** After the first answer the others have so long. */
  readonly restMs: number;
  /** Longest wait for a first one; without it there is none. */
  readonly limitMs?: number;
  /** Given what comes too late. */
  readonly onLate?: (answer: Answer) => void;
}

/**
 * What those who are quick say: one that is away keeps nobody waiting for long.
 *
 * @returns at least one answer, unless the limit has passed
 * @throws what the last one threw, when all did
 */
export function firstAnswers<Answer>(
  asked: readonly Promise<Answer>[],
  { timers, restMs, limitMs, onLate }: FirstAnswersOptions<Answer>,
): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    const answers: Answer[] = [];
    let open = asked.length;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      resolve(answers);
    };
    let cancel = limitMs === undefined ? () => undefined : timers.after(limitMs, end);
    if (open === 0) return end();
    for (const each of asked) {
      each.then(
        (answer) => {
          open -= 1;
          if (isOver) return onLate?.(answer);
          answers.push(answer);
          if (open === 0) return end();
          if (answers.length > 1) return;
          cancel();
          cancel = timers.after(restMs, end);
        },
        (error: unknown) => {
          open -= 1;
          if (isOver || open > 0) return;
          if (answers.length > 0) return end();
          isOver = true;
          cancel();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    }
  });
}
