import { TuttiError, toTuttiError, type Timers } from '@tutti/kernel';
import {
  createLiveReadModel,
  type Filter,
  type LiveReadModel,
  type ProjectionHost,
  type ReadModels,
  type RunningProjection,
} from '@tutti/read-models';
import type { Logger } from '@tutti/service-kit';
import { auditProjection, type AuditDocument } from './audit.projection.js';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;
/** Bounds the work of one call: a page may be shorter than asked for, even empty, and still name a next one. */
const MAX_SCANNED = 5_000;
const BATCH = 250;
const FRESH_LIMIT_MS = 100;
const POSITION_LIMIT_MS = 5_000;
const RETRY_MS = 1_000;

export interface AuditQuery {
  /** Empty for every one. */
  readonly actor: string;
  readonly category: string;
  readonly type: string;
  /** ISO 8601 in UTC; empty for the beginning. */
  readonly since: string;
  /** The same, exclusive; empty for the end. */
  readonly until: string;
  /** 0 for the default. */
  readonly pageSize: number;
  readonly pageToken: string;
  readonly minPosition: number;
}

interface AuditPage {
  readonly entries: readonly AuditDocument[];
  /** Empty for no more. */
  readonly nextPageToken: string;
}

/** Who did what, from the read model. */
export class AuditLog {
  private model: LiveReadModel<AuditDocument> | null = null;
  private running: RunningProjection<AuditDocument> | null = null;
  private stopRetry = (): void => {};
  private closed = false;

  constructor(
    private readonly timers: Pick<Timers, 'after'>,
    private readonly logger: Logger,
  ) {}

  /** Begins to follow, in the background: nobody waits for the audit to come in. */
  start(projections: ProjectionHost, readModels: ReadModels): void {
    this.model ??= createLiveReadModel(readModels, auditProjection);
    projections.start(auditProjection).then(
      (running) => {
        this.running = running;
        if (this.closed) void running.close();
      },
      (thrown: unknown) => {
        if (this.closed) return;
        const error = toTuttiError(thrown);
        // What it stands on comes and goes, and is said to be away by whoever looks after that.
        if (error.retryable) this.logger.info('the audit is not followed yet', { reason: error.message });
        else this.logger.warn('the audit is not followed yet', { err: error });
        this.stopRetry = this.timers.after(RETRY_MS, () => this.start(projections, readModels));
      },
    );
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopRetry();
    await this.running?.close();
  }

  /** None until it is followed. */
  projections(): readonly RunningProjection[] {
    return this.running === null ? [] : [this.running];
  }

  /** Newest first. @throws TuttiError TIMED_OUT when the position is not reached in time · SHUTTING_DOWN before the projection runs */
  async list(query: AuditQuery): Promise<AuditPage> {
    const { model, running } = this;
    if (model === null || running === null) throw new TuttiError('SHUTTING_DOWN', 'the audit cannot be read yet');
    await (query.minPosition > 0 ? running.waitFor(query.minPosition, POSITION_LIMIT_MS) : running.freshen(FRESH_LIMIT_MS));
    const filter = filterOf(query);
    const sort = [['time', 'desc']] as const;
    const size = Math.min(query.pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    const entries: AuditDocument[] = [];
    let lastKept = '';
    let after = query.pageToken;
    for (let scanned = 0; scanned < MAX_SCANNED;) {
      const batch = await model.find({ filter, sort, limit: BATCH, ...(after === '' ? {} : { after }) });
      for (const { document, cursor } of batch) {
        after = cursor;
        if (!matches(document, query)) continue;
        // One more than asked for proves that there is a next page.
        if (entries.length === size) return { entries, nextPageToken: lastKept };
        entries.push(document);
        lastKept = cursor;
      }
      scanned += batch.length;
      if (batch.length < BATCH) return { entries, nextPageToken: '' };
    }
    return { entries, nextPageToken: after };
  }
}

/** What an index carries: one of actor and category, and the time. */
function filterOf({ actor, category, since, until }: AuditQuery): Filter {
  const time = { ...(since === '' ? {} : { $gte: since }), ...(until === '' ? {} : { $lt: until }) };
  return {
    ...(actor !== '' ? { actor } : category !== '' ? { category } : {}),
    ...(since === '' && until === '' ? {} : { time }),
  };
}

function matches({ category, type }: AuditDocument, query: AuditQuery): boolean {
  return (query.category === '' || query.category === category) && (query.type === '' || query.type === type);
}
