export interface Channel<T> extends AsyncIterable<T> {
  push(item: T): void;
  /** The reader gets what is queued, then the error. */
  fail(error: Error): void;
  /** The reader gets what is queued, then the end. */
  end(): void;
}

interface ChannelLimits {
  /** At this many unread items the writer is told to stop. */
  readonly highMark: number;
  readonly onFull: () => void;
  /** Called when the reader has taken half of them. */
  readonly onDrained: () => void;
}

/** Hands items from callbacks to one `for await`. */
export function createChannel<T>(limits: ChannelLimits): Channel<T> {
  const queue: T[] = [];
  let failure: Error | null = null;
  let ended = false;
  let full = false;
  let wake = (): void => {};
  return {
    push(item) {
      if (ended) return;
      queue.push(item);
      if (!full && queue.length >= limits.highMark) {
        full = true;
        limits.onFull();
      }
      wake();
    },
    fail(error) {
      if (ended) return;
      failure = error;
      ended = true;
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (queue.length > 0) {
          yield queue.shift() as T;
          if (full && queue.length <= limits.highMark / 2) {
            full = false;
            limits.onDrained();
          }
        }
        if (failure !== null) throw failure;
        if (ended) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
