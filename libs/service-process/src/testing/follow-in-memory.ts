import { Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { runEvents, type RunEventType } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata, newEvent, TuttiError, type JsonObject } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger, type Logger } from '@tutti/service-kit';
import { RecordedEventsServer } from '../follower/recorded-events-server.js';

interface FollowerParts {
  readonly controllers: readonly Type[];
  readonly providers?: readonly Provider[];
  readonly runtime?: ManualRuntime;
  /** Stands in for one in memory. */
  readonly store?: EventStore;
  readonly log?: Logger;
  readonly lookBack?: number;
}

export interface FollowedInMemory {
  /** Its clock says when events are recorded. */
  readonly runtime: ManualRuntime;
  readonly server: RecordedEventsServer;
  /** Appends an event of a run, whose data nobody checks; resolves when it was handled, to its position. */
  record(type: RunEventType, data?: JsonObject, runId?: string): Promise<number>;
  /**
   * Resolves when everything up to the position was handled.
   *
   * @throws TuttiError TIMED_OUT when it is not, though the loop turned often enough
   */
  reached(position: number): Promise<void>;
  close(): Promise<void>;
}

/** A store in memory needs a few turns of the loop for what it has. */
const MOST_TURNS = 10_000;

@Module({})
class FollowerUnderTest {}

/** The controllers of a follower, given by Nest what is recorded in a store in memory, as their process would give it. */
export async function followInMemory(parts: FollowerParts): Promise<FollowedInMemory> {
  const { controllers, providers = [], runtime = createManualRuntime(), lookBack = 0 } = parts;
  const store = parts.store ?? createInMemoryEventStore(runtime);
  const server = new RecordedEventsServer({ store, runtime, log: parts.log ?? silentLogger, lookBack });
  const root = { module: FollowerUnderTest, controllers: [...controllers], providers: [...providers] };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(root, { strategy: server, logger: false, abortOnError: false });
  await app.listen();
  const reached = async (position: number): Promise<void> => {
    for (let turn = 0; server.position < position; turn++) {
      if (turn === MOST_TURNS) throw new TuttiError('TIMED_OUT', `position ${position} was not reached; ${server.position} was`);
      await new Promise<void>((resolve) => runtime.timers.soon(resolve));
    }
  };
  return {
    ...{ runtime, server, reached },
    record: async (type, data = {}, runId = 'r1') => {
      const event = newEvent(runtime.ids.next(), runEvents[type], data, eventMetadata({ correlationId: runId, actor: 'service:test' }));
      const { position } = await store.append(`run-${runId}`, [event], 'any');
      await reached(position);
      return position;
    },
    close: () => app.close(),
  };
}
