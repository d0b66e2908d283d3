import { TuttiError } from '@tutti/kernel';
import type { Principal } from '../access/principal.js';
import { ownerOf } from './rate-limits.js';

/** Of all places so many are kept for others: one part of four. */
const KEPT_FOR_OTHERS = 4;

/** Places for what stays open, of which one credential never has the last quarter: who leaves its streams open shuts out itself alone. */
export class Places {
  private readonly taken = new Map<string, number>();
  private count = 0;

  constructor(
    private readonly most: number,
    /** In messages, like `feeds`. */
    private readonly what: string,
  ) {}

  /**
   * @returns gives the place back; repeats do nothing
   * @throws TuttiError OVERLOADED
   */
  take(principal: Principal): () => void {
    const { most, what, taken, count } = this;
    const owner = ownerOf(principal, undefined);
    const own = taken.get(owner) ?? 0;
    const mostOfOne = most - Math.floor(most / KEPT_FOR_OTHERS);
    if (count >= most) throw new TuttiError('OVERLOADED', `${count} ${what} are open; at most ${most} are taken`);
    if (own >= mostOfOne)
      throw new TuttiError('OVERLOADED', `${own} ${what} of ${principal.actor} are open; at most ${mostOfOne} are taken of one`);
    taken.set(owner, own + 1);
    this.count += 1;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.count -= 1;
      const left = (taken.get(owner) ?? 1) - 1;
      if (left === 0) taken.delete(owner);
      else taken.set(owner, left);
    };
  }
}
