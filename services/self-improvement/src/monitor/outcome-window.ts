/** The last outcomes of one agent at one capability, newest last, and how many of them failed. */
export class OutcomeWindow {
  private readonly outcomes: boolean[] = [];
  private next = 0;
  private failed = 0;

  constructor(private readonly size: number) {}

  /** @returns the outcome that fell out of the window; null while it is not full */
  add(isFailure: boolean): boolean | null {
    const oldest = this.outcomes[this.next] ?? null;
    if (oldest === true) this.failed -= 1;
    if (isFailure) this.failed += 1;
    this.outcomes[this.next] = isFailure;
    this.next = (this.next + 1) % this.size;
    return oldest;
  }

  get count(): number {
    return this.outcomes.length;
  }

  get failures(): number {
    return this.failed;
  }

  get isFull(): boolean {
    return this.outcomes.length === this.size;
  }
}
