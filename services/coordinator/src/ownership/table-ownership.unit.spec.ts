import { beforeEach, describe, expect, it } from '@jest/globals';
import { PARTITIONS, partitionOf } from '@tutti/contracts';
import type { PartitionTable } from '@tutti/service-process';
import { TableOwnership } from './table-ownership.js';

const RUN = 'run-1';

describe('ownership by the table of all coordinators', () => {
  let table: PartitionTable;
  let isAwake: boolean;
  let tell: () => void;
  let ownership: TableOwnership;
  let changes: number;
  beforeEach(() => {
    table = { version: 0, owners: Array<null>(PARTITIONS).fill(null), addresses: new Map() };
    [isAwake, changes] = [true, 0];
    tell = () => undefined;
    ownership = new TableOwnership({
      get table() {
        return table;
      },
      get isAwake() {
        return isAwake;
      },
      isCertain: true,
      onChange: (listener) => {
        tell = listener;
        return () => undefined;
      },
      join: async () => {
        give('me');
        return Promise.resolve('me');
      },
      leave: async () => give('other'),
    });
    ownership.onChange(() => (changes += 1));
  });

  const give = (owner: string, partitions: (partition: number) => boolean = () => true): void => {
    table = { ...table, owners: table.owners.map((before, partition) => (partitions(partition) ? owner : before)) };
    tell();
  };

  it('owns nothing before it has joined, whatever the table says', () => {
    give('me');
    expect([ownership.owns(RUN), changes]).toEqual([false, 0]);
  });

  it('owns what the table gives it, and tells of it once', async () => {
    await ownership.join('me:1');
    expect([ownership.owns(RUN), ownership.owns(`${RUN}~child`), changes]).toEqual([true, true, 1]);
    give('other', (partition) => partition !== partitionOf(RUN));
    expect([ownership.owns(RUN), changes]).toEqual([true, 2]);
    give('other');
    expect([ownership.owns(RUN), changes]).toEqual([false, 3]);
  });

  it('tells nothing when what moved is among others', async () => {
    await ownership.join('me:1');
    give('other', (partition) => partition === 0);
    give('third', (partition) => partition === 0);
    expect(changes).toBe(2);
  });

  it('owns nothing while it cannot trust what it knows', async () => {
    await ownership.join('me:1');
    isAwake = false;
    expect(ownership.owns(RUN)).toBe(false);
    isAwake = true;
    expect(ownership.owns(RUN)).toBe(true);
  });

  it('has what it refused meanwhile taken up again, though nothing has moved', async () => {
    await ownership.join('me:1');
    tell();
    expect(changes).toBe(1);
    isAwake = false;
    ownership.owns(RUN);
    tell();
    expect(changes).toBe(1);
    isAwake = true;
    tell();
    tell();
    expect(changes).toBe(2);
  });

  it('owns nothing any more once it has left', async () => {
    await ownership.join('me:1');
    await ownership.leave();
    expect([ownership.owns(RUN), changes]).toEqual([false, 2]);
  });
});
