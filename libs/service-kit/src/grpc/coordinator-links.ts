import type { Client } from '@grpc/grpc-js';
import { partitionOf } from '@tutti/contracts';
import type { Cancel, Runtime } from '@tutti/kernel';
import type { Logger } from '../logger.js';
import { ProcessLink } from './process-link.js';

/** Which coordinator answers for which runs, as the directory of processes says it. A belief that may be old. */
export interface RunOwnersTable {
  readonly table: {
    /** By partition: the coordinator that answers for it; null for nobody. */
    readonly owners: readonly (string | null)[];
    /** `host:port` of each coordinator that is there, by id. */
    readonly addresses: ReadonlyMap<string, string>;
  };
  /** Called after the table changed, with the new one in place. Returns how to end it. */
  onChange(listener: () => void): () => void;
  /** Looks now: somebody just said that the table is old. Never rejects. */
  refresh(): Promise<void>;
}

export interface CoordinatorState {
  readonly id: string;
  readonly address: string;
  /** Whether it is there, and says itself that it is ready; null before it was asked. */
  readonly ready: boolean | null;
  /** How many of the runs' partitions are its own. */
  readonly partitions: number;
}

interface LinksOptions {
  readonly partitions: RunOwnersTable;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger: Logger;
  /** How long the connection to one that is gone from the table is kept for what it was asked before. */
  readonly lingerMs: number;
}

const LOOK_MS = 250;

/** The connection to one coordinator, for as long as the table names it at this address. */
export class CoordinatorLink implements CoordinatorState {
  readonly link: ProcessLink;
  ready: boolean | null = null;
  partitions = 0;
  /** It refused something that another will take; until the next look at it. */
  passedOver = false;
  stopLooking: Cancel = () => undefined;

  constructor(
    readonly id: string,
    readonly address: string,
    runtime: Pick<Runtime, 'clock'>,
  ) {
    this.link = new ProcessLink({ endpoint: () => Promise.resolve({ address }), runtime });
  }

  standing(): Client | null {
    return this.link.standing();
  }

  connect(): Promise<Client | null> {
    return this.link.connect();
  }
}

/** A connection to each coordinator that the table names, and how each of them is. */
export class CoordinatorLinks {
  private readonly links = new Map<string, CoordinatorLink>();
  private readonly retired = new Map<CoordinatorLink, Cancel>();
  private readonly stopListening: () => void;
  private present: boolean | null = null;
  private onPresent: (present: boolean) => void = () => undefined;
  private closed = false;

  constructor(private readonly options: LinksOptions) {
    this.stopListening = options.partitions.onChange(() => this.adopt());
    this.adopt();
  }

  all(): readonly CoordinatorLink[] {
    return [...this.links.values()];
  }

  find(id: string): CoordinatorLink | undefined {
    return this.links.get(id);
  }

  /** Undefined while nobody answers for the run who is there. */
  ownerOf(runId: string): CoordinatorLink | undefined {
    return this.links.get(this.options.partitions.table.owners[partitionOf(runId)] ?? '');
  }

  /** Partitions of runs for which nobody answers who is there. */
  unowned(): number {
    return this.options.partitions.table.owners.filter((owner) => owner === null || !this.links.has(owner)).length;
  }

  /** Tells whether any of them is there and ready, now and after each change, until it is closed. */
  watch(onChange: (present: boolean) => void): void {
    this.onPresent = onChange;
    if (this.present !== null) onChange(this.present);
  }

  close(): void {
    this.closed = true;
    this.stopListening();
    for (const cancel of this.retired.values()) cancel();
    for (const each of [...this.links.values(), ...this.retired.keys()]) {
      each.stopLooking();
      each.link.close();
    }
    this.links.clear();
    this.retired.clear();
  }

  /** Knows those whom the table names now, and no others. */
  private adopt(): void {
    if (this.closed) return;
    const { addresses, owners } = this.options.partitions.table;
    for (const each of this.all()) if (addresses.get(each.id) !== each.address) this.retire(each);
    for (const [id, address] of addresses) {
      if (this.links.has(id)) continue;
      const added = new CoordinatorLink(id, address, this.options.runtime);
      this.links.set(id, added);
      void this.look(added);
    }
    for (const each of this.links.values()) each.partitions = owners.filter((owner) => owner === each.id).length;
    this.tell();
  }

  private retire(gone: CoordinatorLink): void {
    const { logger, runtime, lingerMs } = this.options;
    gone.stopLooking();
    this.links.delete(gone.id);
    logger.info('a coordinator is gone from the table', { coordinator: gone.id, address: gone.address });
    const end = (): void => {
      this.retired.delete(gone);
      gone.link.close();
    };
    this.retired.set(gone, runtime.timers.after(lingerMs, end));
  }

  private async look(at: CoordinatorLink): Promise<void> {
    const ready = await at.link.isReady();
    if (this.closed || this.links.get(at.id) !== at) return;
    at.passedOver = false;
    if (ready !== at.ready) {
      at.ready = ready;
      const { id, address, partitions } = at;
      this.options.logger[ready ? 'info' : 'warn'](`a coordinator is ${ready ? 'there' : 'away'}`, {
        coordinator: id,
        address,
        partitions,
      });
    }
    this.tell();
    at.stopLooking = this.options.runtime.timers.after(LOOK_MS, () => void this.look(at), 'upkeep');
  }

  private tell(): void {
    const all = this.all();
    const present = all.some(({ ready }) => ready === true);
    // Before they were all asked once, nobody knows.
    if (present === this.present || (!present && this.present === null && all.some(({ ready }) => ready === null))) return;
    this.present = present;
    this.onPresent(present);
  }
}
