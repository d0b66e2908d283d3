import { isTuttiError, TuttiError, type Decider, type JsonValue, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import { checkExpectedRevision } from './append-rules.js';
import type { EventStore } from './event-store.port.js';

const DEFAULT_ATTEMPTS = 5;

export interface SnapshotPolicy<State> {
  /** A snapshot of another version is ignored. */
  readonly schemaVersion: number;
  /** Saved whenever the stream passes a multiple of this many events. */
  readonly every: number;
  readonly encode: (state: State) => JsonValue;
  readonly decode: (state: JsonValue) => State;
}

export interface CommandHandling<Command, State, Event> {
  readonly stream: string;
  readonly decider: Decider<Command, State, Event>;
  readonly command: Command;
  /** Called once per event and attempt. */
  readonly encode: (event: Event) => NewEvent;
  readonly decode: (event: RecordedEvent) => Event;
  /** The stream must stand here for new events to be appended; a conflict is then thrown at once. Default: wherever it stands. */
  readonly expected?: number | 'no-stream';
  /** How often to load and decide in all when others append in between. Default 5. */
  readonly attempts?: number;
  readonly snapshots?: SnapshotPolicy<State>;
}

export interface CommandOutcome<State, Event> {
  /** With the new events applied. */
  readonly state: State;
  /** What was decided and is now durable; empty for a repeat. */
  readonly events: readonly Event[];
  /** Position of the stream's last event; -1 when there is no stream. */
  readonly position: number;
}

/**
 * Loads the stream, folds it, decides and appends at the revision that was loaded; starts over when somebody else was faster.
 *
 * @throws TuttiError what `decide` and `append` throw; REVISION_CONFLICT once the attempts are used up, or at once with `expected`
 */
export async function handleCommand<Command, State, Event>(
  store: Pick<EventStore, 'append' | 'readStream' | 'loadSnapshot' | 'saveSnapshot'>,
  handling: CommandHandling<Command, State, Event>,
): Promise<CommandOutcome<State, Event>> {
  const { stream, decider, command, expected, attempts = DEFAULT_ATTEMPTS } = handling;
  for (let attempt = 1; ; attempt++) {
    const { state, revision, position } = await load(store, handling);
    const events = decider.decide(command, state);
    if (events.length === 0) return { state, events, position };
    if (expected !== undefined) checkExpectedRevision(stream, expected, revision);
    try {
      const appended = await store.append(stream, events.map(handling.encode), revision === -1 ? 'no-stream' : revision);
      const next = events.reduce((current, event) => decider.evolve(current, event), state);
      saveSnapshot(store, handling, next, { from: revision, to: appended.revision });
      return { state: next, events, position: appended.position };
    } catch (error) {
      if (!isTuttiError(error, 'REVISION_CONFLICT') || expected !== undefined) throw error;
      if (attempt >= attempts) throw exhausted(stream, attempts, error);
    }
  }
}

interface Loaded<State> {
  readonly state: State;
  readonly revision: number;
  readonly position: number;
}

async function load<Command, State, Event>(
  store: Pick<EventStore, 'readStream' | 'loadSnapshot'>,
  { stream, decider, decode, snapshots }: CommandHandling<Command, State, Event>,
): Promise<Loaded<State>> {
  const snapshot = snapshots === undefined ? null : await store.loadSnapshot(stream);
  if (snapshots !== undefined && snapshot?.schemaVersion === snapshots.schemaVersion) {
    // Read from the snapshot's own last event, for its position and as proof that the snapshot belongs to this stream.
    const loaded = await foldFrom(snapshots.decode(snapshot.state), snapshot.revision);
    if (loaded.revision >= snapshot.revision) return loaded;
  }
  return foldFrom(decider.initialState(), -1);

  async function foldFrom(start: State, after: number): Promise<Loaded<State>> {
    let state = start;
    let revision = -1;
    let position = -1;
    for await (const event of store.readStream(stream, { from: Math.max(after, 0) })) {
      if (event.revision > after) state = decider.evolve(state, decode(event));
      revision = event.revision;
      position = event.position;
    }
    return { state, revision, position };
  }
}

function saveSnapshot<Command, State, Event>(
  store: Pick<EventStore, 'saveSnapshot'>,
  { stream, snapshots }: CommandHandling<Command, State, Event>,
  state: State,
  revision: { readonly from: number; readonly to: number },
): void {
  if (snapshots === undefined) return;
  const passed = (at: number) => Math.floor((at + 1) / snapshots.every);
  if (passed(revision.to) === passed(revision.from)) return;
  const snapshot = { revision: revision.to, schemaVersion: snapshots.schemaVersion, state: snapshots.encode(state) };
  // The command is done and durable; a snapshot that is not saved only costs time.
  store.saveSnapshot(stream, snapshot).catch(() => undefined);
}

function exhausted(stream: string, attempts: number, cause: TuttiError): TuttiError {
  const message = `stream ${stream} was changed by others in each of ${attempts} attempts; last: ${cause.message}`;
  return new TuttiError('REVISION_CONFLICT', message, { cause, ...(cause.details === undefined ? {} : { details: cause.details }) });
}
