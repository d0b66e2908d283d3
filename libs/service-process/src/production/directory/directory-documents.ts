import type { ServiceRole } from '@tutti/service-kit';

/** A process that is there. It alone writes the document, whole, with each sign of life. */
export interface MemberDocument {
  readonly _id: string;
  /** Grows with each sign of life. Others look whether it changes, never at anybody's clock. */
  readonly beat: number;
  /** Unchanged for so long by the clock of whoever looks, the process is taken for gone. */
  readonly leaseMs: number;
  /** `host:port` by what it can be found as. */
  readonly roles: Readonly<Partial<Record<ServiceRole, string>>>;
  /** `host:port` of a coordinator that takes a share of the runs; null for everybody else. */
  readonly shares: string | null;
  /** For people: what runs where, and since when by its own clock. */
  readonly process: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
}

/** What there is one of. Changed by whoever names the version that is there. */
export interface SeatDocument {
  /** Like `registry`. */
  readonly _id: string;
  readonly version: number;
  /** Id of the member that has it. */
  readonly holder: string | null;
}

export const TABLE_ID = 'runs';

/** Which coordinator answers for which partition. Changed by whoever names the version that is there. */
export interface TableDocument {
  readonly _id: typeof TABLE_ID;
  readonly version: number;
  readonly members: readonly { readonly id: string; readonly address: string }[];
  /** By partition: place in `members`, -1 for nobody. */
  readonly owners: readonly number[];
}
