/** Lets through while there is room; the rest waits in order. */
export class Gate {
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  constructor(private readonly limit: number) {}

  get hasRoom(): boolean {
    return this.taken < this.limit;
  }

  /** Undefined when there is room now, so that the usual case costs no promise. */
  room(): Promise<void> | undefined {
    if (this.taken < this.limit) return undefined;
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  take(): void {
    this.taken += 1;
  }

  giveBack(): void {
    this.taken -= 1;
    if (this.taken < this.limit) this.waiting.shift()?.();
  }

  /** Lets everybody through who waits. */
  open(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
