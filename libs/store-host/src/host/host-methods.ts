import type { BusMessage, DeadLetterQuery } from '@tutti/event-bus';
import type { EventFilter, ExpectedRevision, ReadOptions, Snapshot, SubscribeOptions } from '@tutti/event-store';
import type { NewEvent } from '@tutti/kernel';
import type { StorePorts } from '../store-ports.js';
import { sendEvents, sendList, sendSubscription } from './event-streams.js';
import type { OutgoingStream } from './outgoing-stream.js';
import type { MemberRequest } from './remote-member.js';
import type { RemoteMembers } from './remote-members.js';

/** What one connection may ask for. The ports check what they are given; the types here say what the other end sends. */
export interface HostMethods {
  /** Answered once. `body` is what came in pieces, if anything did. */
  readonly calls: Readonly<Record<string, (args: readonly unknown[], body: Uint8Array | null) => Promise<unknown>>>;
  /** Answered by items, until the promise settles. */
  readonly streams: Readonly<Record<string, (args: readonly unknown[], stream: OutgoingStream) => Promise<void>>>;
}

export function mergeMethods(all: readonly HostMethods[]): HostMethods {
  return {
    calls: Object.assign({}, ...all.map(({ calls }) => calls)) as HostMethods['calls'],
    streams: Object.assign({}, ...all.map(({ streams }) => streams)) as HostMethods['streams'],
  };
}

export function eventStoreMethods({ eventStore }: StorePorts): HostMethods {
  return {
    calls: {
      'store.append': ([stream, events, expected]) =>
        eventStore.append(stream as string, events as readonly NewEvent[], expected as ExpectedRevision),
      'store.head': () => eventStore.head(),
      'store.loadSnapshot': ([stream]) => eventStore.loadSnapshot(stream as string),
      'store.saveSnapshot': ([stream, snapshot]) => eventStore.saveSnapshot(stream as string, snapshot as Snapshot),
    },
    streams: {
      'store.readStream': ([name, options], stream) => sendEvents(eventStore.readStream(name as string, options as ReadOptions), stream),
      'store.readAll': ([options], stream) => sendEvents(eventStore.readAll(options as ReadOptions & { filter?: EventFilter }), stream),
      'store.subscribe': ([options], stream) => sendSubscription(eventStore, options as Omit<SubscribeOptions, 'onBatch'>, stream),
    },
  };
}

export function eventBusMethods({ eventBus }: StorePorts, members: RemoteMembers): HostMethods {
  return {
    calls: {
      'bus.publish': ([topic, messages]) => eventBus.publish(topic as string, messages as readonly BusMessage[]),
      'bus.members': ([topic, group]) => eventBus.members(topic as string, group as string),
      'bus.forgetMember': ([topic, group, member]) => eventBus.forgetMember(topic as string, group as string, member as string),
      'letters.replay': ([topic, group, offset]) => eventBus.deadLetters.replay(topic as string, group as string, offset as string),
      'letters.discard': ([topic, group, offset]) => eventBus.deadLetters.discard(topic as string, group as string, offset as string),
      'bus.leave': ([subscription]) => members.leave(subscription as string),
    },
    streams: {
      'bus.subscribe': ([request], stream) => members.serve(request as MemberRequest, stream),
      'letters.list': async ([query], stream) => sendList(await eventBus.deadLetters.list(query as DeadLetterQuery), stream),
      'letters.get': async ([topic, group, offset], stream) => {
        const letter = await eventBus.deadLetters.get(topic as string, group as string, offset as string);
        await sendList(letter === null ? [] : [letter], stream);
      },
    },
  };
}
