import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ANY,
  BACKWARDS,
  binaryEvent,
  END,
  ErrorType,
  EventStoreDBClient,
  eventTypeFilter,
  jsonEvent,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError, type Runtime } from '@tutti/kernel';

import { openEmbeddedEventStore, type EmbeddedEventStore } from '../embedded/embedded-event-store.js';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import type { SubscribeOptions } from '../event-store.port.js';
import { someEvent } from '../testing/contract/contract-events.js';
import { listenAsEventStoreDb, type EventStoreDbListener } from './eventstoredb-listener.js';

describe('EventStoreDB’s protocol, used by its own client as it is', () => {
  let folder: string;
  let runtime: Runtime;
  let store: EmbeddedEventStore;
  let listener: EventStoreDbListener;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-listener-'));
    runtime = createProcessRuntime();
    store = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime, maxAppendBytes: 4 * 1024 * 1024 });
    listener = await listenAsEventStoreDb({ store, runtime });
    client = EventStoreDBClient.connectionString(listener.connectionString);
  });
  afterEach(async () => {
    await client.dispose();
    await listener.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const note = (text = 'a', metadata?: Readonly<Record<string, string>>) =>
    jsonEvent({ type: 'Noted', data: { text }, ...(metadata === undefined ? {} : { metadata }) });
  const textsOf = (events: readonly ResolvedEvent[]): unknown[] => events.map(({ event }) => (event?.data as { text?: unknown }).text);

  async function read(stream: string, options: Parameters<EventStoreDBClient['readStream']>[1] = {}): Promise<ResolvedEvent[]> {
    const events: ResolvedEvent[] = [];
    for await (const event of client.readStream(stream, options)) events.push(event);
    return events;
  }

  it('gives back the very bytes and metadata that a client wrote, JSON or not', async () => {
    const bytes = Buffer.from([0, 255, 1, 2]);
    const answer = await client.appendToStream(
      'thing-1',
      [note('ß', { by: 'me' }), binaryEvent({ type: 'Raw', data: bytes, metadata: bytes })],
      {
        expectedRevision: NO_STREAM,
      },
    );
    expect(answer).toMatchObject({ success: true, nextExpectedRevision: 1n });
    const [first, second] = await read('thing-1');
    expect(first?.event).toMatchObject({ type: 'Noted', isJson: true, data: { text: 'ß' }, metadata: { by: 'me' }, revision: 0n });
    expect(second?.event).toMatchObject({ type: 'Raw', isJson: false, revision: 1n });
    expect(Buffer.from(second?.event?.data as Uint8Array)).toEqual(bytes);
    expect(Buffer.from(second?.event?.metadata as unknown as Uint8Array)).toEqual(bytes);
    expect(second?.event?.position).toEqual(answer.position);
  });

  it('gives what Tutti wrote as JSON, with the envelope as metadata that the server’s projections know', async () => {
    const event = someEvent('ThingDone', { note: 'x' });
    await store.append('thing-1', [event], 'no-stream');
    const [found] = await read('thing-1');
    expect(found?.event).toMatchObject({
      ...{ id: event.id, type: 'ThingDone', data: { note: 'x' }, streamId: 'thing-1' },
      metadata: { $correlationId: 'correlation-1', $causationId: null, actor: 'service:contract', schemaVersion: 1, previousHash: null },
    });
  });

  it.each([
    ['no_stream of a stream that is there', 'there', NO_STREAM, 0n],
    ['a revision of a stream that is not', 'none', 4n, 'no_stream'],
    ['stream_exists of a stream that is not', 'none', STREAM_EXISTS, 'no_stream'],
    ['another revision', 'there', 7n, 0n],
  ] as const)('refuses %s, and says where the stream is', async (_, stream, expectedRevision, actualVersion) => {
    await client.appendToStream('there', note());
    await expect(client.appendToStream(stream, note(), { expectedRevision })).rejects.toMatchObject({
      ...{ type: ErrorType.WRONG_EXPECTED_VERSION, streamName: stream, actualVersion },
    });
    await expect(
      client.appendToStream(stream, note(), { expectedRevision, credentials: { username: 'by', password: 'Append' } }),
    ).rejects.toMatchObject({ type: ErrorType.WRONG_EXPECTED_VERSION, actualVersion });
  });

  it('takes an append again that it has taken', async () => {
    const event = note();
    const first = await client.appendToStream('thing-1', event, { expectedRevision: NO_STREAM });
    expect(await client.appendToStream('thing-1', event, { expectedRevision: NO_STREAM })).toEqual(first);
    expect(await read('thing-1')).toHaveLength(1);
  });

  it('refuses more than it may be given at once', async () => {
    await expect(client.appendToStream('thing-1', note('x'.repeat(1_100_000)))).rejects.toMatchObject({
      type: ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
    });
  });

  it('reads both ways, from a revision, and says when there is no stream', async () => {
    for (const text of ['a', 'b', 'c']) await client.appendToStream('thing-1', note(text));
    expect(textsOf(await read('thing-1', { fromRevision: 1n }))).toEqual(['b', 'c']);
    expect(textsOf(await read('thing-1', { fromRevision: END, direction: BACKWARDS, maxCount: 2 }))).toEqual(['c', 'b']);
    await expect(read('none')).rejects.toMatchObject({ type: ErrorType.STREAM_NOT_FOUND, streamName: 'none' });
  });

  it('reads the log backwards from what stands before a position, forwards from what stands at it', async () => {
    for (const text of ['a', 'b', 'c']) await client.appendToStream('thing-1', note(text));
    const all: AllStreamResolvedEvent[] = [];
    for await (const event of client.readAll()) all.push(event);
    const fromPosition = all[1]?.event?.position ?? START;
    const [back, on]: ResolvedEvent[][] = [[], []];
    for await (const event of client.readAll({ fromPosition, direction: BACKWARDS })) back?.push(event);
    for await (const event of client.readAll({ fromPosition })) on?.push(event);
    expect([textsOf(back ?? []), textsOf(on ?? [])]).toEqual([['a'], ['b', 'c']]);
  });

  it('lets a stream be deleted, begun again, and ended for ever', async () => {
    await client.appendToStream('thing-1', [note('a'), note('b')]);
    await expect(client.deleteStream('thing-1', { expectedRevision: 0n })).rejects.toMatchObject({
      type: ErrorType.WRONG_EXPECTED_VERSION,
    });
    await client.deleteStream('thing-1', { expectedRevision: 1n });
    await expect(read('thing-1')).rejects.toMatchObject({ type: ErrorType.STREAM_NOT_FOUND });
    await client.tombstoneStream('other-1', { expectedRevision: ANY });
    await expect(read('other-1')).rejects.toMatchObject({ type: ErrorType.STREAM_DELETED });
    await expect(client.appendToStream('other-1', note())).rejects.toMatchObject({ type: ErrorType.STREAM_DELETED });
  });

  it('keeps to the greatest number of events that a stream is to have', async () => {
    await client.setStreamMetadata('thing-1', { maxCount: 2 });
    for (const text of ['a', 'b', 'c']) await client.appendToStream('thing-1', note(text));
    expect(textsOf(await read('thing-1'))).toEqual(['b', 'c']);
    expect((await client.getStreamMetadata('thing-1')).metadata).toEqual({ maxCount: 2 });
  });

  it('follows one stream from its beginning, from a revision, and from its end', async () => {
    for (const text of ['a', 'b']) await client.appendToStream('thing-1', note(text));
    const subscriptions = [START, 0n, END].map((fromRevision) =>
      client.subscribeToStream('thing-1', { fromRevision: fromRevision as typeof START }),
    );
    const given = subscriptions.map((subscription) => {
      const texts: unknown[] = [];
      subscription.on('data', (event: ResolvedEvent) => texts.push(...textsOf([event])));
      return texts;
    });
    await Promise.all(subscriptions.map((subscription) => new Promise((resolve) => subscription.once('confirmation', resolve))));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.appendToStream('thing-2', note('elsewhere'));
    await client.appendToStream('thing-1', note('c'));
    await until(() => given.every((texts) => texts.at(-1) === 'c'));
    expect(given).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
  });

  it('filters all streams by name and by type, by prefix and by expression, and says how far it has looked', async () => {
    const checkpoints: bigint[] = [];
    const filters = [
      streamNameFilter({
        prefixes: ['thing-'],
        checkpointInterval: 1,
        maxSearchWindow: 2,
        checkpointReached: (_, { commit }) => void checkpoints.push(commit),
      }),
      streamNameFilter({ regex: '^(thing|stuff)-', checkpointInterval: 1 }),
      eventTypeFilter({ regex: '^No', checkpointInterval: 1 }),
    ];
    const subscriptions = filters.map((filter) => client.subscribeToAll({ filter }));
    const given = subscriptions.map((subscription) => {
      const streams: string[] = [];
      subscription.on('data', ({ event }: AllStreamResolvedEvent) => streams.push(event?.streamId ?? ''));
      return streams;
    });
    for (const stream of ['thing-1', 'other-1', 'other-2', 'other-3', 'stuff-1', 'thing-2']) await client.appendToStream(stream, note());
    await until(() => given.every((streams) => streams.at(-1) === 'thing-2'));
    expect(given[0]).toEqual(['thing-1', 'thing-2']);
    expect(given[1]).toEqual(['thing-1', 'stuff-1', 'thing-2']);
    expect(given[2]).toHaveLength(6);
    expect(checkpoints.length).toBeGreaterThan(0);
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
  });

  it('refuses an expression that is none', async () => {
    const subscription = client.subscribeToAll({ filter: streamNameFilter({ regex: '(', checkpointInterval: 1 }) });
    const error = await new Promise((resolve) => subscription.once('error', resolve));
    expect(error).toBeInstanceOf(Error);
  });

  it('does not begin an append whose deadline is over', async () => {
    await expect(client.appendToStream('thing-1', note(), { deadline: -1_000 })).rejects.toMatchObject({
      type: ErrorType.DEADLINE_EXCEEDED,
    });
    await expect(read('thing-1')).rejects.toMatchObject({ type: ErrorType.STREAM_NOT_FOUND });
  });

  it('takes an append in several messages, and keeps nothing of one that is too large', async () => {
    const notes = (count: number) => Array.from({ length: count }, () => note('x'.repeat(50_000)));
    await client.appendToStream('thing-1', notes(10), { batchAppendSize: 100_000 });
    expect(await read('thing-1')).toHaveLength(10);
    await expect(client.appendToStream('thing-2', notes(30), { batchAppendSize: 100_000 })).rejects.toMatchObject({
      type: ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
    });
    await expect(read('thing-2')).rejects.toMatchObject({ type: ErrorType.STREAM_NOT_FOUND });
  });

  it('knows after a restart which streams are ended for ever', async () => {
    await client.appendToStream('thing-1', note());
    await client.tombstoneStream('thing-1', { expectedRevision: ANY });
    const other = await listenAsEventStoreDb({ store, runtime });
    const again = EventStoreDBClient.connectionString(other.connectionString);
    await expect(again.appendToStream('thing-1', note())).rejects.toMatchObject({ type: ErrorType.STREAM_DELETED });
    await again.dispose();
    await other.close();
  });

  it('answers others while one does not read what it asked for', async () => {
    for (let index = 0; index < 8; index++) await client.appendToStream('thing-1', note('x'.repeat(900_000)));
    const slow = client.readStream('thing-1');
    slow.pause();
    await client.appendToStream('thing-2', note('b'));
    expect(textsOf(await read('thing-2'))).toEqual(['b']);
    const texts: unknown[] = [];
    for await (const event of slow) texts.push(...textsOf([event]));
    expect(texts).toHaveLength(8);
  });

  it('keeps nothing of a subscription that is let go before it began', async () => {
    const waiting: (() => void)[] = [];
    let [open, begun] = [0, 0];
    const slow = Object.assign(Object.create(store) as EmbeddedEventStore, {
      readAll: store.readAll.bind(store),
      head: () => new Promise<number>((resolve) => waiting.push(() => resolve(-1))),
      subscribe: (options: SubscribeOptions) => {
        [open, begun] = [open + 1, begun + 1];
        const subscription = store.subscribe(options);
        void subscription.ended.finally(() => (open -= 1));
        return subscription;
      },
    });
    const other = await listenAsEventStoreDb({ store: slow, runtime });
    const leaving = EventStoreDBClient.connectionString(other.connectionString);
    const subscription = leaving.subscribeToAll();
    subscription.on('error', () => undefined);
    await until(() => waiting.length === 1);
    await subscription.unsubscribe();
    await leaving.dispose();
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const go of waiting) go();
    await until(() => begun === 1 && open === 0);
    await other.close();
  });

  it('answers, and goes on, when its store fails in a way of its own', async () => {
    const failing = Object.assign(Object.create(store) as EmbeddedEventStore, {
      readAll: store.readAll.bind(store),
      readStream: () => {
        throw new TuttiError('STORE_UNAVAILABLE', 'the file is gone');
      },
    });
    const other = await listenAsEventStoreDb({ store: failing, runtime });
    const unlucky = EventStoreDBClient.connectionString(other.connectionString);
    await expect(unlucky.appendToStream('thing-1', [])).rejects.toBeInstanceOf(Error);
    await expect(
      unlucky.appendToStream('thing-1', note(), { expectedRevision: STREAM_EXISTS, credentials: { username: 'by', password: 'Append' } }),
    ).rejects.toMatchObject({ type: ErrorType.UNAVAILABLE });
    await expect(unlucky.deleteStream('thing-1', { expectedRevision: ANY })).rejects.toMatchObject({
      type: ErrorType.UNAVAILABLE,
    });
    await unlucky.dispose();
    await other.close();
  });

  it('is not reached from other machines without encryption', async () => {
    await expect(listenAsEventStoreDb({ store, runtime, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 10) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('did not come to pass within 10,000 ms');
}
