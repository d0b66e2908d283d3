import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import type { FoundDocument, Query } from '@tutti/read-models';
import { findPage } from './paging.js';

/** A model of `count` documents whose cursors are their numbers; tells what it was asked. */
function modelOf(count: number) {
  const asked: Query[] = [];
  const find = async (query: Query): Promise<readonly FoundDocument<JsonObject>[]> => {
    asked.push(query);
    const from = Number(query.after ?? 0);
    return Array.from({ length: Math.min(query.limit ?? 100, count - from) }, (_, index) => {
      const number = from + index + 1;
      return { key: `k${number}`, document: { number }, position: number, cursor: String(number) };
    });
  };
  return { model: { find }, asked };
}

const QUERY = { filter: { status: 'open' }, sort: [['number', 'asc']] } as const;

describe('a page of a query', () => {
  it('has a hundred where no size is given, and the query as it was asked', async () => {
    const { model, asked } = modelOf(250);
    const { found, nextPageToken } = await findPage(model, QUERY, { pageSize: 0, pageToken: '' });
    expect([found.length, nextPageToken]).toEqual([100, '100']);
    expect(asked).toEqual([{ ...QUERY, limit: 100 }]);
  });

  it('goes on behind the last, and names no next one when it is not full', async () => {
    const { model } = modelOf(5);
    const first = await findPage(model, QUERY, { pageSize: 3, pageToken: '' });
    const second = await findPage(model, QUERY, { pageSize: 3, pageToken: first.nextPageToken });
    expect(second).toMatchObject({ found: [{ key: 'k4' }, { key: 'k5' }], nextPageToken: '' });
  });

  it('names a next one when it ends exactly with the last document, and that one is empty', async () => {
    const { model } = modelOf(4);
    const full = await findPage(model, QUERY, { pageSize: 4, pageToken: '' });
    expect(full.nextPageToken).toBe('4');
    expect(await findPage(model, QUERY, { pageSize: 4, pageToken: full.nextPageToken })).toEqual({ found: [], nextPageToken: '' });
  });

  it('takes a thousand at most', async () => {
    const { model, asked } = modelOf(2_000);
    expect((await findPage(model, QUERY, { pageSize: 1_000, pageToken: '' })).found).toHaveLength(1_000);
    await expect(findPage(model, QUERY, { pageSize: 1_001, pageToken: '' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('1001'),
    });
    expect(asked).toHaveLength(1);
  });
});
