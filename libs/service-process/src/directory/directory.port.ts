import type { ServiceInfo, ServiceRole } from '@tutti/service-kit';

/**
 * How the processes of one installation find each other, and agree on who does what there is one of. On one data folder it is files and locks of the operating
 * system; in production documents that all processes share.
 */
export interface Directory {
  /** Others find this process under the role, until it withdraws or is gone. */
  announce(role: ServiceRole, address: string): Promise<void>;
  /** Whoever came after under the same role stays. */
  withdraw(role: ServiceRole): Promise<void>;
  /** One that is there for the role, the newest of several. @throws TuttiError SHUTTING_DOWN, which may be tried again, when nobody is */
  find(role: ServiceRole): Promise<ServiceInfo>;
  /** @param role what there is one of at a time, like `registry` */
  seat(role: string): Seat;
  /** Null where there is one coordinator at a time, which owns all runs. */
  readonly partitions: RunPartitions | null;
}

/** What one process has at a time; others stand by, and one of them has it when the first is gone. */
export interface Seat {
  /**
   * Resolves when this process has the seat, however long another has it.
   *
   * @param onStandby told once, with who has it (null when it is not known)
   * @throws TuttiError SHUTTING_DOWN when it was left before
   */
  take(onStandby?: (holder: string | null) => void): Promise<void>;
  /** Called once when this process can no longer be sure to have it: another has it, or will before long. Returns how to end it. */
  onLost(listener: () => void): () => void;
  /** How long from now nobody else can have it, by this process's own clock: whoever must not act beside the next one acts within it. 0 or less: perhaps another has it. */
  sureForMs(): number;
  /** Lets the next one have it. Ends waiting for it, too. */
  leave(): Promise<void>;
  /**
   * Waits for it no longer, and lets the next one have it when the end has come, whether it went well or not: what is still under way here may write until then, and
   * would do so beside the next one.
   */
  leaveAfter(end: () => Promise<void>): Promise<void>;
}

/** Which coordinator answers for which runs, where there are several. A belief that may be old: correctness rests on the revision that every append names. */
export interface RunPartitions {
  /** As this process knows it now. */
  readonly table: PartitionTable;
  /** Called after the table changed, with the new one in place, and when {@link isAwake} is true again. Returns how to end it. */
  onChange(listener: () => void): () => void;
  /** False when this process was stopped for so long that its table is of another time, until it has looked again. */
  readonly isAwake: boolean;
  /** Whether no other can have taken over from this process without its knowing. False also while nobody can, since what they agree by is away. */
  readonly isCertain: boolean;
  /** Looks now instead of at the next turn: somebody just said that the table is old. Never rejects. */
  refresh(): Promise<void>;
  /** This process takes its share, reachable by the address. @returns the id that stands for it in the table */
  join(address: string): Promise<string>;
  /** Hands its partitions back. */
  leave(): Promise<void>;
}

export interface PartitionTable {
  /** Grows with every change; 0 before the first was read. */
  readonly version: number;
  /** By partition, 0 to 255: the coordinator that answers for it; null for nobody. */
  readonly owners: readonly (string | null)[];
  /** `host:port` of each coordinator that is there, by id. */
  readonly addresses: ReadonlyMap<string, string>;
}
