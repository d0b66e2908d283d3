import 'reflect-metadata';
import { Controller, UseInterceptors, type NestInterceptor, type Type } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, EventSubscription, SubscribeOptions } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata, isoTime, TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger, type LogFields, type Logger } from '@tutti/service-kit';
import { throwError } from 'rxjs';
import { followInMemory, type FollowedInMemory } from '../testing/follow-in-memory.js';
import { OnRunEvent, type RunEventContext, type RunEventOf } from './on-run-event.js';

let given: string[];
let act: (text: string) => unknown;

/** Says what it gets, and does as it is told by the name of the task. */
@Controller()
class Tasks {
  @OnRunEvent('TaskSucceeded', 'TaskCancelled')
  async ended({ type, data }: RunEventOf<'TaskSucceeded' | 'TaskCancelled'>, { runId, position }: RunEventContext): Promise<void> {
    await act(data.task);
    given.push(`${position} ${type} ${runId}/${data.task}`);
  }
}

@Controller()
class Runs {
  @OnRunEvent('RunPaused')
  paused(_: RunEventOf<'RunPaused'>, { atMs, position }: RunEventContext): void {
    given.push(`${position} paused at ${isoTime(atMs)}`);
  }

  @OnRunEvent('TaskSucceeded')
  succeeded({ data }: RunEventOf<'TaskSucceeded'>): void {
    given.push(`and ${data.task}`);
  }
}

/** A store that can go away, and says what it was asked for. */
class ShakyStore {
  readonly asked: SubscribeOptions[] = [];
  isAway = false;
  breakOff: (error: Error) => void = () => {};
  readonly store: EventStore;

  constructor(inner: EventStore) {
    const away = new TuttiError('STORE_UNAVAILABLE', 'away');
    this.store = Object.assign(Object.create(inner) as EventStore, {
      head: () => (this.isAway ? Promise.reject(away) : inner.head()),
      append: inner.append.bind(inner),
      subscribe: (options: SubscribeOptions): EventSubscription => {
        if (this.isAway) throw away;
        this.asked.push(options);
        const subscription = inner.subscribe(options);
        const broken = new Promise<never>((_, reject) => {
          this.breakOff = (error) => {
            reject(error);
            void subscription.close();
          };
        });
        return { ended: Promise.race([subscription.ended, broken]), close: () => subscription.close() };
      },
    });
  }
}

describe('the log as a transport', () => {
  let runtime: ManualRuntime;
  let shaky: ShakyStore;
  let logged: [string, LogFields | undefined][];
  let log: Logger;
  let followed: FollowedInMemory | null;
  beforeEach(() => {
    [given, act, logged, followed] = [[], () => undefined, [], null];
    runtime = createManualRuntime();
    shaky = new ShakyStore(createInMemoryEventStore(runtime));
    const note = (message: string, fields?: LogFields): void => void logged.push([message, fields]);
    log = { ...silentLogger, warn: note, error: note };
  });
  afterEach(() => followed?.close());

  const follow = async (lookBack = 0, controllers: readonly Type[] = [Tasks, Runs]): Promise<FollowedInMemory> =>
    (followed = await followInMemory({ controllers, runtime, store: shaky.store, log, lookBack }));
  const append = async (type: string, tasks: readonly string[], schemaVersion = 1): Promise<number> => {
    const metadata = eventMetadata({ correlationId: 'r1', actor: 'service:test' });
    const events = tasks.map((task) => ({ id: runtime.ids.next(), type, schemaVersion, data: { task }, metadata }));
    return (await shaky.store.append('run-r1', events, 'any')).position;
  };
  const held = (): { readonly letGo: () => void; readonly until: Promise<void> } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { letGo: resolve, until: promise };
  };

  it('gives each event once to every handler of its type, in order of position, and asks the store for no other types', async () => {
    const { record, server } = await follow();
    await record('TaskSucceeded', { task: 'a' });
    await record('TaskCancelled', { task: 'b' }, 'r2');
    await record('RunPaused');
    expect(given).toEqual(['0 TaskSucceeded r1/a', 'and a', '1 TaskCancelled r2/b', '2 paused at 2026-01-01T00:00:00.000Z']);
    expect(shaky.asked.map(({ filter }) => filter)).toEqual([{ types: ['TaskSucceeded', 'TaskCancelled', 'RunPaused'] }]);
    expect([server.position, server.failures]).toEqual([2, 0]);
  });

  it('passes over what nobody handles, and says that it got past it', async () => {
    const { record, server } = await follow();
    await record('TaskScheduled', { task: 'a' });
    const last = await append('NobodyKnowsThis', ['a']);
    await followed?.reached(last);
    expect([given, server.position, server.failures]).toEqual([[], 1, 0]);
  });

  it('begins after what was recorded before, or as far back as it is told', async () => {
    await append('TaskSucceeded', ['a', 'b', 'c']);
    const { record } = await follow();
    await record('TaskSucceeded', { task: 'd' });
    expect(given).toEqual(['3 TaskSucceeded r1/d', 'and d']);
    await followed?.close();
    given = [];
    await (await follow(2)).reached(3);
    expect(given.filter((text) => text.startsWith('and'))).toEqual(['and c', 'and d']);
  });

  it('gives the next event when all handlers are done with the one before', async () => {
    const slow = held();
    act = (task) => (task === 'a' ? slow.until : undefined);
    const { server, reached } = await follow();
    const last = await append('TaskSucceeded', ['a', 'b']);
    await runtime.advance(10_000);
    expect([given, server.position]).toEqual([[], -1]);
    slow.letGo();
    await reached(last);
    expect(given).toEqual(['0 TaskSucceeded r1/a', 'and a', '1 TaskSucceeded r1/b', 'and b']);
  });

  it.each([
    ['throws', () => { throw new Error('no room'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('no room'))],
  ])('goes on past a handler that %s: the others get the event, which is logged and counted', async (_, fails) => {
    act = (task) => (task === 'bad' ? fails() : undefined);
    const { record, server } = await follow();
    for (const task of ['bad', 'good', 'bad']) await record('TaskSucceeded', { task });
    expect(given).toEqual(['and bad', '1 TaskSucceeded r1/good', 'and good', 'and bad']);
    expect([server.position, server.failures]).toEqual([2, 2]);
    const said = { type: 'TaskSucceeded', runId: 'r1', handler: 'Tasks.ended' };
    expect(logged).toEqual([
      ['an event was not handled', { ...said, position: 0, failures: 1, err: new Error('no room') }],
      ['an event was not handled', { ...said, position: 2, failures: 2, err: new Error('no room') }],
    ]);
  });

  it('goes on past an interceptor that ends with an error, with what it says', async () => {
    const refusing: NestInterceptor = { intercept: () => throwError(() => new Error('not now')) };
    @Controller()
    @UseInterceptors(refusing)
    class Intercepted extends Tasks {}
    const { record, server } = await follow(0, [Intercepted, Runs]);
    await record('TaskSucceeded', { task: 'a' });
    expect([given, server.failures]).toEqual([['and a'], 1]);
    expect(logged).toMatchObject([['an event was not handled', { err: new Error('not now') }]]);
  });

  it('goes on past an event that a newer version wrote, which is logged and counted', async () => {
    const { record, server } = await follow();
    await append('TaskSucceeded', ['new'], 99);
    await record('TaskSucceeded', { task: 'a' });
    expect(given).toEqual(['1 TaskSucceeded r1/a', 'and a']);
    expect([server.position, server.failures]).toEqual([1, 1]);
    expect(logged).toEqual([
      [
        'an event cannot be read',
        { type: 'TaskSucceeded', position: 0, failures: 1, err: expect.objectContaining({ code: 'DATA_DAMAGED' }) },
      ],
    ]);
  });

  it('goes on where it was after the store was away, without a gap or a repeat', async () => {
    const { record, reached } = await follow();
    await record('TaskSucceeded', { task: 'a' });
    shaky.breakOff(new Error('broken'));
    shaky.isAway = true;
    const last = await append('TaskSucceeded', ['b', 'c']);
    await runtime.advance(3_500);
    expect(logged.map(([message]) => message)).toEqual(Array(4).fill('events are no longer followed; it is tried again'));
    shaky.isAway = false;
    await runtime.advance(1_000);
    await reached(last);
    await record('TaskSucceeded', { task: 'd' });
    expect(given.filter((text) => text.startsWith('and'))).toEqual(['and a', 'and b', 'and c', 'and d']);
    expect(shaky.asked.map(({ after }) => after)).toEqual([-1, 0]);
  });

  it('ends the batch in hand before it follows again, and repeats none of it', async () => {
    const slow = held();
    act = (task) => (task === 'a' ? slow.until : undefined);
    const { reached } = await follow();
    const last = await append('TaskSucceeded', ['a', 'b']);
    await runtime.advance(0);
    shaky.breakOff(new Error('broken'));
    await runtime.advance(5_000);
    expect(shaky.asked).toHaveLength(1);
    slow.letGo();
    await reached(last);
    await runtime.advance(0);
    expect(shaky.asked.map(({ after }) => after)).toEqual([-1, 1]);
    expect(given).toEqual(['0 TaskSucceeded r1/a', 'and a', '1 TaskSucceeded r1/b', 'and b']);
  });

  it('is closed once the event in hand is done, and begins no other', async () => {
    const slow = held();
    act = () => slow.until;
    const { server } = await follow();
    await append('TaskSucceeded', ['a', 'b']);
    await runtime.advance(0);
    let isClosed = false;
    const closing = server.close().then(() => (isClosed = true));
    await runtime.advance(10_000);
    expect(isClosed).toBe(false);
    slow.letGo();
    await closing;
    expect([given, server.position]).toEqual([['0 TaskSucceeded r1/a', 'and a'], 0]);
    await server.close();
    await runtime.advance(10_000);
    expect([given.length, shaky.asked.length, runtime.pending()]).toEqual([2, 1, 0]);
  });

  it('waits no more for a store that is away once it is closed', async () => {
    const { server } = await follow();
    shaky.breakOff(new Error('broken'));
    await runtime.advance(500);
    expect(runtime.pending()).toBe(1);
    await server.close();
    expect(runtime.pending()).toBe(0);
  });

  it('does not start without the head of the log', async () => {
    shaky.isAway = true;
    await expect(follow()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('refuses handlers of what is never recorded of a run, those that would answer, and those whose errors Nest would keep', async () => {
    @Controller()
    class Misspelt {
      @EventPattern('TaskSuceeded')
      ended(_: unknown): void {}
    }
    @Controller()
    class Answering {
      @MessagePattern('TaskSucceeded')
      ended(): void {}
    }
    @Controller()
    class Plain {
      @EventPattern('TaskSucceeded')
      ended(_: unknown): void {}
    }
    await expect(follow(0, [Misspelt])).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'a handler asks for "TaskSuceeded"; expected a type of the events of runs, by @OnRunEvent',
    });
    await expect(follow(0, [Answering])).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(follow(0, [Plain])).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
