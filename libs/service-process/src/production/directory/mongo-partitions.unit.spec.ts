import { beforeEach, describe, expect, it } from '@jest/globals';
import { PARTITIONS } from '@tutti/contracts';
import { createManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { MemberDocument, TableDocument } from './directory-documents.js';
import type { DirectoryView } from './directory-store.js';
import { MongoPartitions } from './mongo-partitions.js';

const member = (id: string): MemberDocument => ({
  ...{ _id: id, beat: 1, leaseMs: 6_000, roles: {}, shares: `${id}:1` },
  ...{ process: 'coordinator', host: 'here', pid: 1, startedAt: '' },
});
const tableOf = (version: number, ids: readonly string[]): TableDocument => ({
  ...{ _id: 'runs', version, members: ids.map((id) => ({ id, address: `${id}:1` })) },
  owners: Array.from({ length: PARTITIONS }, (_, partition) => partition % ids.length),
});

describe('the table of partitions', () => {
  let stored: TableDocument;
  let there: string[];
  /** As the last look found them. */
  let seen: string[];
  let written: TableDocument[];
  let look: (view: DirectoryView) => void;
  let partitions: MongoPartitions;
  beforeEach(() => {
    [stored, there, seen, written] = [tableOf(1, ['me']), ['me'], ['me'], []];
    partitions = new MongoPartitions({
      store: {
        table: async () => Promise.resolve(stored),
        changeTable: async (after) => {
          await Promise.resolve();
          if (after.version !== stored.version + 1) return false;
          written.push(after);
          stored = after;
          return true;
        },
      },
      membership: {
        ...{ id: 'me', document: member('me'), isAwake: true, isCertain: true, onWake: () => undefined },
        change: async () => Promise.resolve(),
        present: () => seen.map(member),
        onView: (listener) => {
          look = listener;
          return () => undefined;
        },
        look: async () => {
          seen = [...there];
          look({ members: seen.map(member), seats: new Map(), table: stored });
          return Promise.resolve();
        },
      },
      ...{ runtime: createManualRuntime(), logger: silentLogger },
    });
  });

  it('never takes a share from who came with a change that another made at the same time', async () => {
    await partitions.join('me:1');
    there.push('one');
    const looked = { members: there.map(member), seats: new Map(), table: null };
    seen = [...there];
    // Another has seen one more, and writes first.
    there.push('two');
    stored = tableOf(stored.version + 1, there);
    look(looked);
    await new Promise((resolve) => setImmediate(resolve));
    expect([...partitions.table.addresses.keys()].sort()).toEqual(['me', 'one', 'two']);
    expect(written.filter(({ members }) => members.every(({ id }) => id !== 'two'))).toEqual([]);
  });
});
