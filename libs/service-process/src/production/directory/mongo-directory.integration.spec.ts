import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PARTITIONS } from '@tutti/contracts';
import { DirectoryHarness, LEASE_MS, until, type TestProcess } from './directory-harness.js';

describe('a directory in MongoDB', () => {
  let harness: DirectoryHarness;
  beforeEach(() => {
    harness = new DirectoryHarness();
  });
  afterEach(() => harness.end());

  const sharesOf = ({ directory }: TestProcess): readonly number[] => {
    const { owners, addresses } = directory.partitions.table;
    return [...addresses.keys()].map((id) => owners.filter((owner) => owner === id).length).sort((one, other) => one - other);
  };
  const addressesOf = ({ directory }: TestProcess): readonly string[] => [...directory.partitions.table.addresses.values()].sort();
  const isFair = (some: readonly TestProcess[], shares: readonly number[]): boolean =>
    some.every((one) => JSON.stringify(sharesOf(one)) === JSON.stringify(shares));
  const join = (one: TestProcess): Promise<string> => one.directory.partitions.join(`${one.name}:1`);

  describe('who is there', () => {
    it('is found by its role until it withdraws, the newest of several first', async () => {
      const [one, other, seeker] = [await harness.process(), await harness.process(), await harness.process()];
      await expect(seeker.directory.find('registry')).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
      await one.directory.announce('registry', 'one:1');
      expect(await seeker.directory.find('registry')).toEqual({ address: 'one:1', pid: 1 });
      await other.directory.announce('registry', 'other:1');
      await wait(300);
      expect(await seeker.directory.find('registry')).toEqual({ address: 'other:1', pid: 2 });
      await other.directory.withdraw('registry');
      await wait(300);
      expect((await seeker.directory.find('registry')).address).toBe('one:1');
    });

    it('is no longer found once it has been silent for its lease', async () => {
      const [one, seeker] = [await harness.process(), await harness.process()];
      await one.directory.announce('coordinator', 'one:1');
      await seeker.directory.find('coordinator');
      one.stop();
      await wait(LEASE_MS + 500);
      await expect(seeker.directory.find('coordinator')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
      one.goOn();
      await wait(400);
      expect((await seeker.directory.find('coordinator')).address).toBe('one:1');
    });
  });

  describe('a seat', () => {
    it('is had by one of many that ask for it at once, and by the next when that one leaves', async () => {
      const processes = await Promise.all(Array.from({ length: 5 }, () => harness.process()));
      const seats = processes.map(({ directory }) => directory.seat('registry'));
      const had: number[] = [];
      const standbys: (string | null)[] = [];
      const taken = Promise.allSettled(
        seats.map((seat, index) => seat.take((holder) => standbys.push(holder)).then(() => had.push(index))),
      );
      await until(() => had.length === 1 && standbys.length === 4, 'one holder');
      await wait(300);
      expect(had).toHaveLength(1);
      expect(standbys[0]).toMatch(/^\d on here$/);
      await seats[had[0] ?? 0]?.leave();
      await until(() => had.length === 2, 'the next holder');
      for (const seat of seats) await seat.leave();
      await taken;
    });

    it('goes to another once its holder was stopped for its lease, and the holder learns of it when it goes on', async () => {
      const [one, other] = [await harness.process(), await harness.process()];
      const [first, second] = [one.directory.seat('relay'), other.directory.seat('relay')];
      await first.take();
      let lost = 0;
      first.onLost(() => (lost += 1));
      expect(first.sureForMs()).toBeGreaterThan(0);
      one.stop();
      const stoppedMs = performance.now();
      await second.take();
      expect(performance.now() - stoppedMs).toBeGreaterThanOrEqual(LEASE_MS - 200);
      expect([first.sureForMs() <= 0, one.directory.isAwake]).toEqual([true, false]);
      one.goOn();
      await until(() => lost === 1, 'the loss');
      expect([first.sureForMs(), one.directory.isAwake]).toEqual([0, true]);
      await second.leave();
      await first.take();
      expect(first.sureForMs()).toBeGreaterThan(0);
    });

    it('stays with its holder while the database is away for everybody', async () => {
      const [one, other] = [await harness.process(), await harness.process()];
      const [first, second] = [one.directory.seat('relay'), other.directory.seat('relay')];
      await first.take();
      let hasSecond = false;
      let isLost = false;
      first.onLost(() => (isLost = true));
      const taken = second.take().then(() => (hasSecond = true));
      for (const process of [one, other]) process.cutOff();
      await wait(3 * LEASE_MS);
      for (const process of [one, other]) process.reconnect();
      await wait(1_500);
      expect([hasSecond, isLost]).toEqual([false, false]);
      await second.leave();
      await expect(taken).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    });

    it('is lost by who is cut off from a database that others have, not before it is sure no longer', async () => {
      const [one, other] = [await harness.process(), await harness.process()];
      const [first, second] = [one.directory.seat('relay'), other.directory.seat('relay')];
      await first.take();
      one.cutOff();
      await second.take();
      expect(first.sureForMs()).toBeLessThanOrEqual(0);
      let isLost = false;
      first.onLost(() => (isLost = true));
      one.reconnect();
      await until(() => isLost, 'the loss');
    });

    it('is handed on once the end that was waited for has come, even by who is closed', async () => {
      const [one, other] = [await harness.process(), await harness.process()];
      const [first, second] = [one.directory.seat('registry'), other.directory.seat('registry')];
      await first.take();
      let hasSecond = false;
      const taken = second.take().then(() => (hasSecond = true));
      const end = Promise.withResolvers<void>();
      const left = first.leaveAfter(() => end.promise);
      await wait(300);
      expect(hasSecond).toBe(false);
      end.resolve();
      await left;
      await taken;
    });
  });

  describe('the partitions', () => {
    it('are all of the first coordinator, and shared with those that join', async () => {
      const one = await harness.process();
      const id = await join(one);
      expect(one.directory.partitions.table.owners).toEqual(Array(PARTITIONS).fill(id));
      const [second, third] = [await harness.process(), await harness.process()];
      await join(second);
      expect(sharesOf(second)).toEqual([128, 128]);
      await join(third);
      await until(() => isFair([one, second, third], [85, 85, 86]), 'fair shares');
      expect(addressesOf(one)).toEqual(['p1:1', 'p2:1', 'p3:1']);
    });

    it('stay where they are as far as shares allow when several join at once', async () => {
      const one = await harness.process();
      await join(one);
      const more = await Promise.all(Array.from({ length: 4 }, () => harness.process()));
      await Promise.all(more.map(join));
      await until(() => isFair([one, ...more], [51, 51, 51, 51, 52]), 'fair shares');
      const { version } = one.directory.partitions.table;
      await wait(500);
      expect(one.directory.partitions.table.version).toBe(version);
    });

    it('are handed back at once by a coordinator that leaves, and all tell their listeners', async () => {
      const [one, other] = [await harness.process(), await harness.process()];
      await Promise.all([join(one), join(other)]);
      await until(() => isFair([one, other], [128, 128]), 'fair shares');
      let told = 0;
      one.directory.partitions.onChange(() => (told += 1));
      await other.directory.partitions.leave();
      expect(sharesOf(other)).toEqual([256]);
      await one.directory.partitions.refresh();
      expect([sharesOf(one), told]).toEqual([[256], 1]);
    });

    it('of a coordinator that is gone go to the others, and back in part when it was only stopped', async () => {
      const [one, other] = [await harness.process(), await harness.process()];
      await Promise.all([join(one), join(other)]);
      await until(() => isFair([one, other], [128, 128]), 'fair shares');
      other.stop();
      await until(() => isFair([one], [256]), 'a new owner for all');
      expect(other.directory.isAwake).toBe(false);
      other.goOn();
      await until(() => isFair([one, other], [128, 128]), 'fair shares');
    });

    it('stay as they are while the database is away, and are looked at when it is back', async () => {
      const [one, other] = [await harness.process(), await harness.process()];
      await Promise.all([join(one), join(other)]);
      await until(() => isFair([one, other], [128, 128]), 'fair shares');
      const { version } = one.directory.partitions.table;
      for (const process of [one, other]) process.cutOff();
      await wait(3 * LEASE_MS);
      expect([one.directory.isAwake, sharesOf(one)]).toEqual([true, [128, 128]]);
      for (const process of [one, other]) process.reconnect();
      await wait(1_500);
      expect(one.directory.partitions.table.version).toBe(version);
    });

    it('have an owner that is there whatever comes and goes', async () => {
      const all = await Promise.all(Array.from({ length: 4 }, () => harness.process()));
      await Promise.all(all.map(join));
      const [first, second, third, fourth] = all as [TestProcess, TestProcess, TestProcess, TestProcess];
      second.stop();
      third.cutOff();
      await fourth.directory.partitions.leave();
      await until(() => isFair([first], [256]), 'all with the one that is left');
      second.goOn();
      third.reconnect();
      await until(() => isFair([first, second, third], [85, 85, 86]), 'fair shares');
    });
  });
});
