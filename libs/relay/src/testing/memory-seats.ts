import { TuttiError } from '@tutti/kernel';
import type { RelaySeat } from '../relay-ports.js';

/** One seat that many wait for, first come, first served; a test can take it away from whoever has it. */
export class MemorySeats {
  private holder: MemorySeat | null = null;
  private readonly waiting: MemorySeat[] = [];
  /** Whether whoever has it can be sure of it. */
  sure = true;

  readonly seat = (): RelaySeat => new MemorySeat(this);

  /** The holder learns of it, and the next one has it. */
  takeAway(): void {
    const lost = this.holder;
    this.holder = null;
    lost?.lose();
    this.handOver();
  }

  /** @internal */
  queue(seat: MemorySeat): void {
    this.waiting.push(seat);
    this.handOver();
  }

  /** @internal */
  give(seat: MemorySeat): void {
    const index = this.waiting.indexOf(seat);
    if (index >= 0) this.waiting.splice(index, 1);
    if (this.holder === seat) this.holder = null;
    this.handOver();
  }

  private handOver(): void {
    if (this.holder !== null) return;
    this.holder = this.waiting.shift() ?? null;
    this.holder?.got();
  }
}

class MemorySeat implements RelaySeat {
  got: () => void = () => {};
  private readonly listeners = new Set<() => void>();
  private refuse: (error: Error) => void = () => {};
  private left = false;

  constructor(private readonly seats: MemorySeats) {}

  take(): Promise<void> {
    if (this.left) return Promise.reject(new TuttiError('SHUTTING_DOWN', 'the seat was left before'));
    return new Promise((resolve, reject) => {
      this.got = resolve;
      this.refuse = reject;
      this.seats.queue(this);
    });
  }

  onLost(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  sureForMs(): number {
    return this.seats.sure ? 1_000 : 0;
  }

  async leave(): Promise<void> {
    this.left = true;
    this.refuse(new TuttiError('SHUTTING_DOWN', 'the seat was left'));
    this.seats.give(this);
  }

  lose(): void {
    for (const listener of this.listeners) listener();
  }
}
