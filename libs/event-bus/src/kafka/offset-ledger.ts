interface Range {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** What of a partition a group has behind it: everything below `low`, and ranges above it. */
export class OffsetLedger {
  /** Where the group began in this partition; also where a member begins that it sees for the first time. */
  readonly start: number;
  #low: number;
  readonly #done: Range[] = [];
  #doneAbove = 0;

  constructor(low: number, start = low) {
    this.#low = low;
    this.start = start;
  }

  /** The first offset that is not done. */
  get low(): number {
    return this.#low;
  }

  isDone(offset: number): boolean {
    if (offset < this.#low) return true;
    const range = this.#done[this.#firstEndingAfter(offset)];
    return range !== undefined && range.from <= offset;
  }

  /** How many below `next` are not done. */
  openBelow(next: number): number {
    return Math.max(0, next - this.#low - this.#doneAbove);
  }

  /** Marks `from` up to, without, `to`. */
  done(from: number, to = from + 1): void {
    let first = Math.max(from, this.#low);
    let last = to;
    if (last <= first) return;
    // Neighbours that touch are joined with it.
    const begin = this.#firstEndingAfter(first - 1);
    let end = begin;
    for (let range = this.#done[end]; range !== undefined && range.from <= last; range = this.#done[++end]) {
      first = Math.min(first, range.from);
      last = Math.max(last, range.to);
      this.#doneAbove -= range.to - range.from;
    }
    if (first <= this.#low) {
      this.#low = last;
      this.#done.splice(0, end);
      return;
    }
    this.#done.splice(begin, end - begin, { from: first, to: last });
    this.#doneAbove += last - first;
  }

  /** Everything that the other has behind it. */
  include(other: OffsetLedger): void {
    this.done(0, other.low);
    for (const { from, to } of other.#done) this.done(from, to);
  }

  /**
   * What is done above `low`, and where the group began, as short as it can be said. What does not fit into `maxCharacters` is left out: it is handed over
   * again after a restart.
   */
  metadata(maxCharacters: number): string {
    let text = `1;${this.start.toString(36)};`;
    let at = this.#low;
    for (const { from, to } of this.#done) {
      const more = `${(from - at).toString(36)}.${(to - from).toString(36)},`;
      if (text.length + more.length > maxCharacters) break;
      text += more;
      at = to;
    }
    return text;
  }

  /** Metadata that is not of this form, of somebody else's commit, says nothing. */
  static parse(low: number, metadata: string | null): OffsetLedger {
    const found = /^1;([0-9a-z]+);((?:[0-9a-z]+\.[0-9a-z]+,)*)$/.exec(metadata ?? '');
    if (found === null) return new OffsetLedger(low);
    const ledger = new OffsetLedger(low, Number.parseInt(found[1] ?? '0', 36));
    let at = low;
    for (const pair of (found[2] ?? '').split(',')) {
      const [gap, length] = pair.split('.').map((digits) => Number.parseInt(digits, 36));
      if (gap === undefined || length === undefined) continue;
      ledger.done(at + gap, at + gap + length);
      at += gap + length;
    }
    return ledger;
  }

  /** Index of the first range that ends after this offset. */
  #firstEndingAfter(offset: number): number {
    let from = 0;
    let to = this.#done.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const range = this.#done[middle];
      if (range !== undefined && range.to <= offset) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
