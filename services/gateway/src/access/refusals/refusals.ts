import { accessEvents } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import {
  eventMetadata,
  isJsonObject,
  isTuttiError,
  newEvent,
  toTuttiError,
  type Cancel,
  type ErrorCode,
  type Runtime,
} from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { RefusalRecord, type Refusal, type RefusalKind } from './refusal-record.js';

export const REFUSALS_STREAM = 'access-refusals';
const EVERY_MS = 60_000;
const METADATA = eventMetadata({ correlationId: REFUSALS_STREAM, actor: 'service:gateway' });

const KIND_OF_CODE: Partial<Record<ErrorCode, RefusalKind>> = {
  UNAUTHENTICATED: 'credential',
  PERMISSION_DENIED: 'permission',
  ORIGIN_REFUSED: 'origin',
};

interface RefusalsParts {
  /** Null before there is one. */
  readonly store: () => EventStore | null;
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'ids'>;
  readonly logger: Logger;
}

/**
 * Who was refused, as events: the first at once, then at most one event a minute for each kind with what was counted meanwhile. So nobody fills the log by
 * being refused.
 */
export class Refusals {
  private readonly waiting = new Map<RefusalKind, RefusalRecord>();
  private readonly timers = new Map<RefusalKind, Cancel>();
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly parts: RefusalsParts) {}

  /** Takes note of an error if it is a refusal. */
  note(error: unknown, refusal: Omit<Refusal, 'wanted'> & { readonly wanted?: string }): void {
    if (!isTuttiError(error)) return;
    const kind = KIND_OF_CODE[error.code];
    if (kind === undefined) return;
    const record = this.waiting.get(kind) ?? new RefusalRecord(kind);
    this.waiting.set(kind, record);
    const wanted = kind === 'credential' ? '' : (refusal.wanted ?? permissionIn(error.details));
    record.add({ ...refusal, wanted }, this.parts.runtime.clock.now());
    if (!this.timers.has(kind)) this.write(kind);
  }

  /** Writes what was counted; resolves when it is written, or cannot be. */
  async close(): Promise<void> {
    for (const cancel of this.timers.values()) cancel();
    for (const kind of [...this.waiting.keys()]) this.append(kind);
    await Promise.all(this.writing);
  }

  private write(kind: RefusalKind): void {
    this.timers.delete(kind);
    if (!this.append(kind)) return;
    this.timers.set(
      kind,
      this.parts.runtime.timers.after(EVERY_MS, () => this.write(kind)),
    );
  }

  /** False when there was nothing to write. */
  private append(kind: RefusalKind): boolean {
    const record = this.waiting.get(kind);
    this.waiting.delete(kind);
    if (record === undefined || record.isEmpty) return false;
    const { runtime, logger } = this.parts;
    const data = record.data();
    logger.warn('requests were refused', { kind, count: data.count, addresses: data.addresses, actors: data.actors });
    const store = this.parts.store();
    if (store === null) return true;
    const written: Promise<void> = store
      .append(REFUSALS_STREAM, [newEvent(runtime.ids.next(), accessEvents.AccessRefused, data, METADATA)], 'any')
      .then(
        () => undefined,
        (error: unknown) => logger.warn('refused requests were not recorded', { kind, count: data.count, err: toTuttiError(error) }),
      )
      .finally(() => this.writing.delete(written));
    this.writing.add(written);
    return true;
  }
}

function permissionIn(details: unknown): string {
  const permission = isJsonObject(details) ? details['permission'] : undefined;
  return typeof permission === 'string' ? permission : '';
}
