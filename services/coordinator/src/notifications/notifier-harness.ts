import { runEvents, workflowEvents } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata, newEvent, sha256Hex, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { z } from 'zod';
import { SOLE_OWNERSHIP, type Ownership } from '../ownership/ownership.js';
import type { DeliveryOutcome, NotificationChannel, NotificationMessage } from './notification-channel.port.js';
import { notificationsConfig } from './notifications.config.js';
import { Notifier } from './notifier.js';

/** A channel that keeps what it is given, and answers as the test says. */
export class FakeChannel implements NotificationChannel {
  readonly sent: NotificationMessage[] = [];
  /** Called for every attempt. */
  answer: (message: NotificationMessage, signal: AbortSignal) => DeliveryOutcome | Promise<DeliveryOutcome> = () => DELIVERED;

  constructor(
    readonly name: string,
    readonly needsAddresses = false,
  ) {}

  async send(message: NotificationMessage, signal: AbortSignal): Promise<DeliveryOutcome> {
    this.sent.push(message);
    return this.answer(message, signal);
  }
}

export const DELIVERED: DeliveryOutcome = { delivered: true, answer: 'taken' };
export const REFUSED: DeliveryOutcome = {
  delivered: false,
  error: { code: 'HTTP_503', message: 'not now' },
  permanent: false,
  retryAfterMs: null,
};

type Settings = Partial<Omit<z.input<typeof notificationsConfig>, 'channels'>>;

/** A notifier on a store in memory, with channels that send nothing. */
export class NotifierHarness {
  readonly runtime: ManualRuntime = createManualRuntime();
  readonly hooks: FakeChannel = new FakeChannel('hooks');
  readonly mail: FakeChannel = new FakeChannel('mail', true);
  readonly inner: EventStore = createInMemoryEventStore(this.runtime);
  /** Throws what an append to the stream is to fail with. */
  beforeAppend: (stream: string) => void = () => undefined;
  notifier!: Notifier;

  readonly store: EventStore = {
    append: async (stream, events, expected) => {
      this.beforeAppend(stream);
      return this.inner.append(stream, events, expected);
    },
    readStream: (stream, options) => this.inner.readStream(stream, options),
    readAll: (options) => this.inner.readAll(options),
    subscribe: (options) => this.inner.subscribe(options),
    head: () => this.inner.head(),
    loadSnapshot: (stream) => this.inner.loadSnapshot(stream),
    saveSnapshot: (stream, snapshot) => this.inner.saveSnapshot(stream, snapshot),
  };

  /** Another one on the same store; the one before is left as it stands, as after a crash. */
  async boot(settings: Settings = {}, ownership: Ownership = SOLE_OWNERSHIP): Promise<void> {
    const { rules = [], ...rest } = settings;
    // The fakes stand for channels that a configuration would have to describe.
    const config = { ...notificationsConfig.parse(rest), rules: rules.map((rule) => ({ ...rule, to: rule.to ?? [] })) };
    const { store, runtime, hooks, mail } = this;
    this.notifier = new Notifier({ store, runtime, logger: silentLogger, config, channels: [hooks, mail], ownership });
    await this.notifier.start();
  }

  async settle(ms = 1): Promise<void> {
    await this.runtime.advance(ms);
  }

  async registerWorkflow(name: string, definition: JsonObject, version = 1): Promise<void> {
    const data = { name, version, description: '', hash: sha256Hex(name), definition, source: '', registeredBy: 'user:ann' };
    const metadata = eventMetadata({ correlationId: `workflow-${name}`, actor: 'user:ann' });
    await this.inner.append(
      `workflow-${name}`,
      [newEvent(this.runtime.ids.next(), workflowEvents.WorkflowVersionRegistered, data, metadata)],
      'any',
    );
  }

  async startRun(runId: string, workflow = 'greet', labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.append(runId, 'RunStarted', { runId, workflow, workflowVersion: 1, definitionHash: sha256Hex(workflow), labels });
  }

  failRun(runId: string): Promise<RecordedEvent> {
    return this.append(runId, 'RunFailed', { error: { code: 'STEP_FAILED', message: 'step ask failed' }, step: 'ask' });
  }

  askFor(runId: string, more: JsonObject = {}): Promise<RecordedEvent> {
    const data = { approvalId: `${runId}.ask.sign-off.1`, step: 'ask', gate: 'sign-off', title: 'Is it right?', payload: { inline: 1 } };
    return this.append(runId, 'ApprovalRequested', { ...data, payloadHash: sha256Hex('1'), ...more });
  }

  append(runId: string, type: keyof typeof runEvents, data: JsonObject): Promise<RecordedEvent> {
    return this.appendAny(runId, runEvents[type], data);
  }

  async appendAny(
    runId: string,
    type: { readonly type: string; readonly schemaVersion: number },
    data: JsonObject,
  ): Promise<RecordedEvent> {
    const metadata = eventMetadata({ correlationId: runId, actor: 'user:ann' });
    const { events } = await this.inner.append(`run-${runId}`, [newEvent(this.runtime.ids.next(), type, data, metadata)], 'any');
    const [recorded] = events;
    if (recorded === undefined) throw new Error('nothing was appended');
    return recorded;
  }

  /** Types and data of a channel's stream. */
  async deliveries(channel: string): Promise<readonly { readonly type: string; readonly data: JsonObject }[]> {
    const found = [];
    for await (const { type, data } of this.inner.readStream(`notification-${channel}`)) found.push({ type, data });
    return found;
  }

  async types(channel: string): Promise<readonly string[]> {
    return (await this.deliveries(channel)).map(({ type }) => type.replace('Notification', ''));
  }
}
