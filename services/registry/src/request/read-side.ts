import { TuttiError, type JsonObject } from '@tutti/kernel';
import {
  createLiveReadModel,
  type LiveReadModel,
  type Projection,
  type ProjectionHost,
  type ReadModels,
  type RunningProjection,
} from '@tutti/read-models';
import { callSignal } from '@tutti/service-kit';

const FRESH_LIMIT_MS = 100;

/** One projection with the read model that queries are answered from. */
export class ReadSide<Doc extends JsonObject> {
  readonly model: LiveReadModel<Doc>;
  private running: RunningProjection<Doc> | null = null;

  constructor(
    private readonly options: {
      readonly projection: Projection<Doc>;
      readonly projections: ProjectionHost;
      readonly readModels: ReadModels;
    },
    private readonly waitLimitMs: number,
  ) {
    this.model = createLiveReadModel(options.readModels, options.projection);
  }

  /** Resolves when everything recorded so far can be queried. */
  async start(): Promise<void> {
    this.running ??= await this.options.projections.start(this.options.projection);
    await this.running.caughtUp;
  }

  async stop(): Promise<void> {
    await this.running?.close();
  }

  /** For lag and state; null before the start. */
  projection(): RunningProjection<Doc> | null {
    return this.running;
  }

  /** What was recorded before the question is waited for a moment, not for long. */
  async freshen(): Promise<void> {
    await this.running?.freshen(FRESH_LIMIT_MS);
  }

  /** @throws TuttiError TIMED_OUT when the position is not reached in time, SHUTTING_DOWN when nothing is started */
  async waitFor(position: number): Promise<void> {
    if (this.running === null)
      throw new TuttiError('SHUTTING_DOWN', `${this.options.projection.name} cannot be queried: the registry is not started`);
    await this.running.waitFor(position, this.waitLimitMs, callSignal());
  }
}
