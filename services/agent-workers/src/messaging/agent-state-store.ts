import { objectEvents, type ObjectEvent } from '@tutti/contracts';
import type { EventStore, ExpectedRevision } from '@tutti/event-store';
import { TuttiError, type Ids, type JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import { copyJson } from '../hosting/json-copy.js';
import { newAgentEvent } from './new-agent-event.js';

export const MAX_STATE_BYTES = 256 * 1024;

/**
 * State of one agent: the newest event of its stream. A save goes in at the revision this host last saw, so that two hosts of one agent
 * cannot overwrite each other unseen: the slower one gets REVISION_CONFLICT and has to load before it can save again.
 */
export class AgentStateStore {
  private readonly stream: string;
  private revision: ExpectedRevision | null = null;
  /** Saves and loads go one after the other: each needs the revision that the one before left. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly agent: string,
    private readonly store: Pick<EventStore, 'append' | 'readStream'>,
    private readonly values: Pick<ValueStore, 'store' | 'load'>,
    private readonly ids: Ids,
  ) {
    this.stream = `object-agent-${agent}`;
  }

  load(): Promise<JsonValue | null> {
    return this.inTurn(() => this.read());
  }

  /** @throws TuttiError PAYLOAD_TOO_LARGE over {@link MAX_STATE_BYTES}; REVISION_CONFLICT when another host saved since the last load or save here */
  async save(state: JsonValue): Promise<void> {
    // Copied at the call, so that what the agent changes while it waits is not saved half.
    const copied = copyJson(state, 'state');
    const bytes = Buffer.byteLength(JSON.stringify(copied));
    if (bytes > MAX_STATE_BYTES)
      throw new TuttiError('PAYLOAD_TOO_LARGE', `state of agent ${this.agent} has ${bytes} bytes; at most ${MAX_STATE_BYTES} are taken`);
    await this.inTurn(() => this.append(copied));
  }

  private async append(state: JsonValue): Promise<void> {
    if (this.revision === null) await this.read();
    const data = { state: await this.values.store(state) };
    const event = newAgentEvent(this.ids.next(), objectEvents.ObjectStateSaved, this.agent, data, null);
    const { revision } = await this.store.append(this.stream, [event], this.revision ?? 'no-stream');
    this.revision = revision;
  }

  private async read(): Promise<JsonValue | null> {
    for await (const event of this.store.readStream(this.stream, { direction: 'backwards', limit: 1 })) {
      const state = await this.values.load((event.data as ObjectEvent['data']).state);
      this.revision = event.revision;
      return copyJson(state, 'state');
    }
    this.revision = 'no-stream';
    return null;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
