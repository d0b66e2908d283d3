import { TuttiError } from '@tutti/kernel';
import type { RelayCheckpoints, RelayMessage, RelayPublisher } from '../relay-ports.js';

/** Keeps what is published, in order of arrival. What a relay in a test publishes goes through a {@link MemoryProducer}. */
export class MemoryBroker {
  readonly topics = new Map<string, RelayMessage[]>();
  /** How far the log is published, as the relays noted it. */
  note: number | null = null;
  notes = 0;
  /** Takes nothing while it is away. */
  away = false;

  get messages(): readonly RelayMessage[] {
    return [...this.topics.values()].flat();
  }

  /** Appends to a topic, as one batch. */
  store(topic: string, messages: readonly RelayMessage[]): void {
    const found = this.topics.get(topic);
    if (found === undefined) this.topics.set(topic, [...messages]);
    else found.push(...messages);
  }
}

/** The connection of one relay, which can be cut as a kill does. */
export class MemoryProducer implements RelayPublisher, RelayCheckpoints {
  /** Calls of `publish` so far. */
  calls = 0;
  private killed = false;
  private readonly refusals: string[] = [];

  constructor(
    protected readonly broker: MemoryBroker,
    /** Waits as long as a request takes; `true` stands for an answer that is lost after the broker took the messages, a number for as many messages as it took. */
    private readonly request: () => Promise<boolean | number> = () => Promise.resolve(false),
  ) {}

  /** Nothing that is under way reaches the broker or comes back any more. */
  kill(): void {
    this.killed = true;
  }

  /** The message with this id will never be taken. */
  refuse(id: string): void {
    this.refusals.push(id);
  }

  async publish(topic: string, messages: readonly RelayMessage[]): Promise<void> {
    this.calls += 1;
    const refused = messages.find(({ id }) => this.refusals.includes(id));
    if (refused !== undefined) throw new TuttiError('PAYLOAD_TOO_LARGE', `message ${refused.id} is too large`);
    const lost = await this.request();
    if (this.killed) await forever();
    this.unlessAway();
    this.broker.store(topic, this.kept(typeof lost === 'number' ? messages.slice(0, lost) : messages));
    if (lost !== false) throw new TuttiError('STORE_UNAVAILABLE', 'the answer was lost', { retryable: true });
  }

  ensureTopics(): Promise<void> {
    this.unlessAway();
    return Promise.resolve();
  }

  load(): Promise<number | null> {
    this.unlessAway();
    return Promise.resolve(this.broker.note);
  }

  async save(position: number): Promise<void> {
    await this.request();
    if (this.killed) await forever();
    this.unlessAway();
    this.broker.note = position;
    this.broker.notes += 1;
  }

  /** What the broker keeps of what it acknowledges: everything, in order. */
  protected kept(messages: readonly RelayMessage[]): readonly RelayMessage[] {
    return messages;
  }

  private unlessAway(): void {
    if (this.broker.away) throw new TuttiError('STORE_UNAVAILABLE', 'the broker is away', { retryable: true });
  }
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
