import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { FolderSeat } from './folder-seat.js';

describe('the seat of a service that a data folder has one of', () => {
  let dataDir: string;
  let runtime: ManualRuntime;
  let seats: FolderSeat[];
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'tutti-seat-'));
    runtime = createManualRuntime();
    seats = [];
  });
  afterEach(async () => {
    for (const seat of seats) await seat.leave();
    rmSync(dataDir, { recursive: true });
  });

  const seat = (role = 'coordinator'): FolderSeat => {
    const made = new FolderSeat({ dataDir, role, runtime, logger: silentLogger });
    seats.push(made);
    return made;
  };

  it('is taken at once where it is free, whoever has another', async () => {
    await seat('registry').take();
    await seat().take(() => expect('a standby').toBe('none'));
  });

  it('is waited for behind the process that has it, and taken when that one leaves', async () => {
    const first = seat();
    await first.take();
    const told: (string | null)[] = [];
    let hasIt = false;
    const second = seat()
      .take((pid) => told.push(pid))
      .then(() => (hasIt = true));
    await runtime.advance(5_000);
    expect([told, hasIt]).toEqual([[String(process.pid)], false]);
    await first.leave();
    await runtime.advance(500);
    await second;
    expect(told).toEqual([String(process.pid)]);
  });

  it('is waited for no longer once it is given up', async () => {
    await seat().take();
    const second = seat();
    const waiting = second.take();
    await second.leave();
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('is left behind what ends, however that ends, and waited for no longer meanwhile', async () => {
    const first = seat();
    await first.take();
    const second = seat();
    let hasIt = false;
    const taken = second.take().then(() => (hasIt = true));
    const end = Promise.withResolvers<void>();
    const left = first.leaveAfter(() => end.promise);
    await runtime.advance(5_000);
    expect(hasIt).toBe(false);
    end.reject(new Error('it took too long'));
    await expect(left).rejects.toThrow('it took too long');
    await runtime.advance(500);
    await taken;
    const third = seat();
    const waiting = third.take();
    const gone = third.leaveAfter(() => Promise.resolve());
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await gone;
    expect(() => seat().takeNow()).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }));
  });

  it('is refused to whoever would have it now, with the process that has it', async () => {
    await seat().take();
    expect(() => seat().takeNow()).toThrow(
      expect.objectContaining({ code: 'STORE_LOCKED', message: expect.stringContaining(`process ${process.pid} is the coordinator`) }),
    );
  });
});
