import { RunServiceService } from '@tutti/contracts';
import { RunOwners, type Phase } from '@tutti/service-kit';
import { Tenure, type ProcessParts, type RunPartitions } from '@tutti/service-process';
import type { RunsElsewhere } from '../owner/any-runs.js';
import { TableOwnership } from '../ownership/table-ownership.js';
import type { Triggering } from '../triggers/triggering.js';
import type { CoordinatorProcessConfig } from './coordinator-process.config.js';

interface AmongOthersOptions {
  readonly parts: ProcessParts;
  readonly partitions: RunPartitions;
  readonly config: Pick<CoordinatorProcessConfig, 'processes'>;
}

const START_LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 15_000;

/** What a coordinator has that is one of several: its share of the runs, calls to the others, and what one of them does for all. */
export class AmongOthers {
  readonly ownership: TableOwnership;
  readonly elsewhere: RunsElsewhere;
  /** Few coordinators ever call another one: it looks after connections from then on. */
  private owners: RunOwners | null = null;

  constructor(private readonly options: AmongOthersOptions) {
    this.ownership = new TableOwnership(options.partitions);
    this.elsewhere = { cancelRun: (request) => this.connected().service(RunServiceService).cancelRun(request) };
  }

  /** Before the runs' owner in the order of the phases, so that its share is handed back when nothing here appends to runs any more. */
  handBack(): Phase {
    return { name: 'hand back runs', stop: () => this.ownership.leave(), stopLimitMs: STOP_LIMIT_MS };
  }

  /** The last to start: whoever is given runs serves them at once. */
  takeShare(address: () => string): Phase {
    const { logger } = this.options.parts;
    return {
      name: 'share of the runs',
      start: async () => {
        await this.ownership.join(address());
        logger.info('has a share of the runs', { address: address() });
      },
      startLimitMs: START_LIMIT_MS,
    };
  }

  /** In one coordinator at a time; all take webhooks and events. */
  triggers(triggering: Triggering): Phase {
    const { directory, runtime, logger } = this.options.parts;
    const tenure = new Tenure({
      name: 'triggers',
      seat: () => directory.seat('triggers'),
      start: () => triggering.start(),
      stop: () => triggering.stop(),
      ...{ runtime, logger },
    });
    return {
      name: 'triggers',
      start: async () => {
        triggering.standBy();
        tenure.begin();
        await Promise.resolve();
      },
      stop: async () => {
        await tenure.end();
        await triggering.close();
      },
      stopLimitMs: STOP_LIMIT_MS,
    };
  }

  close(): void {
    this.owners?.close();
  }

  private connected(): RunOwners {
    const { parts, partitions, config } = this.options;
    const { runtime, logger, tokens, tracer } = parts;
    const { callWaitMs: waitMs, maxWaitingCalls: maxWaiting, callLimitMs: callMs } = config.processes;
    return (this.owners ??= new RunOwners({ partitions, tokens, runtime, logger, tracer, limits: { waitMs, maxWaiting, callMs } }));
  }
}
