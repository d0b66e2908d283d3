import type { EventFilter, EventStore } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';
import type { EventSelection } from '@tutti/rest-contract';
import type { RunFacts } from './run-facts.js';

/** Between a root run's id and what is behind it in the ids of its child runs. */
const CHILD_MARK = '~';

/** What a reader wants of the log, as the store and each event are asked. */
export class SelectedEvents {
  /** The one stream that all of it is in; null when there may be several. */
  readonly stream: string | null;
  /** Nothing of it is in the log before this stream's first event. */
  readonly rootStream: string | null;
  /** What the store is asked for; {@link wants} looks at the rest. */
  readonly filter: EventFilter;
  private readonly family: string | null;

  constructor(
    private readonly selection: EventSelection,
    private readonly facts: Pick<RunFacts, 'of'>,
  ) {
    const { runId, rootRunId, categories, types } = selection;
    this.stream = runId === undefined ? null : `run-${runId}`;
    this.rootStream = rootRunId === undefined ? null : `run-${rootRunId}`;
    this.family = this.rootStream === null ? null : `${this.rootStream}${CHILD_MARK}`;
    const wanted = this.ofRuns ? (categories ?? ['run']).filter((category) => category === 'run') : categories;
    this.filter = { ...(wanted === undefined ? {} : { categories: wanted }), ...(types === undefined ? {} : { types }) };
  }

  /** Whether no event can pass. */
  get nothing(): boolean {
    return this.filter.categories?.length === 0;
  }

  wants(event: RecordedEvent): boolean | Promise<boolean> {
    const { types, workflow, labels } = this.selection;
    if (types?.includes(event.type) === false) return false;
    if (this.stream !== null && event.stream !== this.stream) return false;
    if (this.family !== null && event.stream !== this.rootStream && !event.stream.startsWith(this.family)) return false;
    return workflow === undefined && labels === undefined ? true : this.isOfSuchARun(event);
  }

  private async isOfSuchARun(event: RecordedEvent): Promise<boolean> {
    const { workflow, labels = {} } = this.selection;
    const facts = await this.facts.of(event);
    if (facts === null || (workflow !== undefined && facts.workflow !== workflow)) return false;
    return Object.entries(labels).every(([name, value]) => facts.labels[name] === value);
  }

  private get ofRuns(): boolean {
    const { runId, rootRunId, workflow, labels } = this.selection;
    return runId !== undefined || rootRunId !== undefined || workflow !== undefined || labels !== undefined;
  }
}

/** Position of the stream's first event; null when there is none. */
export async function firstPosition(store: Pick<EventStore, 'readStream'>, stream: string): Promise<number | null> {
  for await (const { position } of store.readStream(stream, { limit: 1 })) return position;
  return null;
}

/** The first revision of the stream behind the position. Reads what is behind it, and keeps none of it. */
export async function revisionBehind(store: Pick<EventStore, 'readStream'>, stream: string, position: number): Promise<number> {
  if (position < 0) return 0;
  for await (const event of store.readStream(stream, { direction: 'backwards' })) if (event.position <= position) return event.revision + 1;
  return 0;
}
