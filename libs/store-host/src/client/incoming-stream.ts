import type { TuttiError } from '@tutti/kernel';

export interface StreamItem {
  readonly value: unknown;
  readonly attachment: Buffer;
}

/** Why a stream gives nothing more. */
export type StreamEnd =
  /** The host gave everything there is. */
  | { readonly kind: 'complete' }
  /** The host answered with an error. */
  | { readonly kind: 'failed'; readonly error: TuttiError }
  /** The connection broke, or was closed. */
  | { readonly kind: 'broken'; readonly error: TuttiError };

export interface StreamListener {
  opened(): void;
  item(item: StreamItem): void;
  /** Once. */
  ended(end: StreamEnd): void;
}

export interface StreamControl {
  grant(count: number): void;
  cancel(): void;
}

/** Items of one stream, waiting to be taken: as many as were granted, and no more. */
export class IncomingStream implements StreamListener {
  #items: StreamItem[] = [];
  #end: StreamEnd | null = null;
  #owed = 0;
  #wake: (() => void) | null = null;

  /** @param window most items that wait; the host was granted as many */
  constructor(
    private readonly window: number,
    private readonly control: StreamControl,
  ) {}

  opened(): void {}

  item(item: StreamItem): void {
    this.#items.push(item);
    this.#wakeUp();
  }

  ended(end: StreamEnd): void {
    this.#end ??= end;
    this.#wakeUp();
  }

  /** The next item, or why there is none. What came before a failure is given first. */
  async next(): Promise<StreamItem | StreamEnd> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#tookOne();
        return item;
      }
      if (this.#end !== null) return this.#end;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Wants nothing more, nor what waits. */
  cancel(): void {
    this.#items = [];
    if (this.#end === null) {
      this.#end = { kind: 'complete' };
      this.control.cancel();
    }
    this.#wakeUp();
  }

  #tookOne(): void {
    this.#owed += 1;
    if (this.#end !== null || this.#owed * 2 < this.window) return;
    this.control.grant(this.#owed);
    this.#owed = 0;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
