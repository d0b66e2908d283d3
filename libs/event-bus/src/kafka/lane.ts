import type { Cancel } from '@tutti/kernel';
import { Fifo } from '../fifo.js';
import type { Entry } from './entry.js';

/**
 * - `idle`: empty
 * - `ready`: its first message waits for room
 * - `in-hand`: its first message is with the handler, or on its way to the dead letters
 * - `waiting`: its first message waits for its retry
 */
export type LaneState = 'idle' | 'ready' | 'in-hand' | 'waiting';

/** The messages of one key of a partition that are in memory, of which only the first is ever in hand. */
export class Lane<Intake> {
  readonly intake: Intake;
  readonly key: string;
  first: Entry | null = null;
  readonly behind = new Fifo<Entry>();
  state: LaneState = 'idle';
  /** From this offset on, messages of the key are not in memory: they are read again once those that are have been handled. */
  parkedFrom: number | null = null;
  cancelRetry: Cancel | null = null;

  constructor(intake: Intake, key: string) {
    this.intake = intake;
    this.key = key;
  }

  append(entry: Entry): void {
    if (this.first === null) this.first = entry;
    else this.behind.push(entry);
  }

  removeFirst(): void {
    this.first = this.behind.shift() ?? null;
  }
}
