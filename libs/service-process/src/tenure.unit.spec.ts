import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { Seat } from './directory/directory.port.js';
import { Tenure } from './tenure.js';

/** Gives itself when the test says so. */
class TestSeat implements Seat {
  private readonly given = Promise.withResolvers<void>();
  private readonly losing = new Set<() => void>();

  constructor(private readonly note: (what: string) => void) {}

  take(): Promise<void> {
    return this.given.promise;
  }

  give(): void {
    this.given.resolve();
  }

  lose(): void {
    for (const listener of [...this.losing]) listener();
  }

  onLost(listener: () => void): () => void {
    this.losing.add(listener);
    return () => this.losing.delete(listener);
  }

  sureForMs(): number {
    return 1;
  }

  async leave(): Promise<void> {
    this.given.reject(new TuttiError('SHUTTING_DOWN', 'left'));
    this.note('left');
  }

  async leaveAfter(end: () => Promise<void>): Promise<void> {
    this.given.reject(new TuttiError('SHUTTING_DOWN', 'left'));
    await end();
    this.note('left');
  }
}

describe('a part that one process has at a time', () => {
  let runtime: ManualRuntime;
  let happened: string[];
  let seats: TestSeat[];
  let failures: number;
  let tenure: Tenure;
  beforeEach(() => {
    runtime = createManualRuntime();
    [happened, seats, failures] = [[], [], 0];
    const note = (what: string): void => void happened.push(what);
    tenure = new Tenure({
      name: 'part',
      seat: () => {
        const seat = new TestSeat(note);
        seats.push(seat);
        return seat;
      },
      start: async () => {
        note('started');
        if (failures-- > 0) throw new TuttiError('STORE_UNAVAILABLE', 'as the test says');
      },
      stop: async () => note('stopped'),
      runtime,
      logger: silentLogger,
    });
    tenure.begin();
  });

  it('is here once the seat is, and stops before the seat is left', async () => {
    expect(happened).toEqual([]);
    seats[0]?.give();
    await runtime.advance(1);
    expect(happened).toEqual(['started']);
    await tenure.end();
    expect(happened).toEqual(['started', 'stopped', 'left']);
  });

  it('begins anew after the seat was lost and came back', async () => {
    seats[0]?.give();
    await runtime.advance(1);
    seats[0]?.lose();
    await runtime.advance(1_000);
    seats[1]?.give();
    await runtime.advance(1);
    expect(happened).toEqual(['started', 'stopped', 'left', 'started']);
    await tenure.end();
  });

  it('is given away and tried again when it cannot start', async () => {
    failures = 1;
    seats[0]?.give();
    await runtime.advance(1_000);
    seats[1]?.give();
    await runtime.advance(1);
    expect(happened).toEqual(['started', 'stopped', 'left', 'started']);
    await tenure.end();
  });

  it('ends while it waits for the seat', async () => {
    await tenure.end();
    expect([happened, seats.length]).toEqual([['left'], 1]);
  });
});
